"""Routes of the returns API, below /api/v1/."""

from django.urls import path

from returns.refunds import api as refunds_api
from returns.rma import api as rma_api

urlpatterns = [
    path("returns", rma_api.Returns.as_view()),
    path("returns/<str:number>", rma_api.OneReturn.as_view()),
    path("returns/<str:number>/approve", rma_api.ApproveReturn.as_view()),
    path("returns/<str:number>/decline", rma_api.DeclineReturn.as_view()),
    path("returns/<str:number>/cancel", rma_api.CancelReturn.as_view()),
    path("returns/<str:number>/close", rma_api.CloseReturn.as_view()),
    path("returns/<str:number>/receive", rma_api.ReceiveReturn.as_view()),
    path("returns/<str:number>/inspect", rma_api.InspectReturn.as_view()),
    path("refunds", refunds_api.Refunds.as_view()),
    path("refunds/<str:number>", refunds_api.OneRefund.as_view()),
    path("refunds/<str:number>/approve", refunds_api.ApproveRefund.as_view()),
    path("refunds/<str:number>/reject", refunds_api.RejectRefund.as_view()),
    path("refunds/<str:number>/complete", refunds_api.CompleteRefund.as_view()),
]
