"""Routes of the fulfillment API, below /api/v1/."""

from django.urls import path

from fulfillment import api, shipstation_api

urlpatterns = [
    path("channels/<slug:code>/shipstation", shipstation_api.CustomStore.as_view()),
    path("shipments", api.Shipments.as_view()),
    path("shipments/<str:shipment>", api.OneShipment.as_view()),
    path("shipments/<str:shipment>/ship", api.ShipParcel.as_view()),
    path("tracking/<str:number>", api.Tracking.as_view()),
    path("fulfillment-orders", api.Work.as_view()),
    path("fulfillment-orders/<str:work>/pick", api.PickWork.as_view()),
    path("fulfillment-orders/<str:work>/pack", api.PackWork.as_view()),
]
