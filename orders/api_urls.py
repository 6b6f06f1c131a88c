"""Routes of the orders API, below /api/v1/."""

from django.urls import path

from orders import address_api, api, inbox_api

urlpatterns = [
    path("orders", api.Orders.as_view()),
    path("orders/bulk", api.OrdersInBulk.as_view()),
    path("orders/<str:number>", api.OneOrder.as_view()),
    path("orders/<str:number>/events", api.OrderEvents.as_view()),
    path("orders/<str:number>/decisions", api.OrderDecisions.as_view()),
    path("orders/<str:number>/cancel", api.CancelOrder.as_view()),
    path("orders/<str:number>/hold", api.HoldOrder.as_view()),
    path("orders/<str:number>/release", api.ReleaseOrder.as_view()),
    path("orders/<str:number>/payments", api.PayOrder.as_view()),
    path("customers", api.Customers.as_view()),
    path("quotes", api.Quotes.as_view()),
    path("addresses/parse", address_api.ParsedAddresses.as_view()),
    path("addresses/divisions", address_api.Divisions.as_view()),
    path("channels/<slug:code>/webhooks/<slug:source>", inbox_api.receive_webhook),
    path("channels/<slug:code>/messages", inbox_api.ChannelMessages.as_view()),
    path(
        "channels/<slug:code>/messages/<str:message>/replay",
        inbox_api.ReplayChannelMessage.as_view(),
    ),
]
