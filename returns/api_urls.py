"""Routes of the returns API, below /api/v1/."""

from django.urls import path

from returns import api

urlpatterns = [
    path("returns", api.Returns.as_view()),
    path("returns/<str:number>", api.OneReturn.as_view()),
    path("returns/<str:number>/approve", api.ApproveReturn.as_view()),
    path("returns/<str:number>/decline", api.DeclineReturn.as_view()),
    path("returns/<str:number>/cancel", api.CancelReturn.as_view()),
    path("returns/<str:number>/close", api.CloseReturn.as_view()),
    path("returns/<str:number>/receive", api.ReceiveReturn.as_view()),
    path("returns/<str:number>/inspect", api.InspectReturn.as_view()),
    path("refunds", api.Refunds.as_view()),
    path("refunds/<str:number>", api.OneRefund.as_view()),
    path("refunds/<str:number>/approve", api.ApproveRefund.as_view()),
    path("refunds/<str:number>/reject", api.RejectRefund.as_view()),
    path("refunds/<str:number>/complete", api.CompleteRefund.as_view()),
]
