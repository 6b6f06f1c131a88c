"""Routes the returns API below /api/v1/."""

from django.urls import path

from erp.api.verbs import verb_paths
from returns.refunds import api as refunds_api
from returns.rma import api as rma_api

urlpatterns = [
    path("returns", rma_api.Returns.as_view()),
    path("returns/<str:number>", rma_api.OneReturn.as_view()),
    path("refunds", refunds_api.Refunds.as_view()),
    path("refunds/<str:number>", refunds_api.OneRefund.as_view()),
    *verb_paths("return"),
    *verb_paths("refund"),
]
