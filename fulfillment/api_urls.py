"""Routes the fulfillment API below /api/v1/."""

from django.urls import path

from fulfillment.desk import api as desk_api
from fulfillment.tracking import api as tracking_api
from fulfillment.tracking import shipstation_api

urlpatterns = [
    path("channels/<slug:code>/shipstation", shipstation_api.CustomStore.as_view()),
    path("shipments", desk_api.Shipments.as_view()),
    path("shipments/<str:shipment>", desk_api.OneShipment.as_view()),
    path("shipments/<str:shipment>/ship", desk_api.ShipParcel.as_view()),
    path("tracking/<str:number>", tracking_api.Tracking.as_view()),
    path("fulfillment-orders", desk_api.Work.as_view()),
    path("fulfillment-orders/<str:work>/pick", desk_api.PickWork.as_view()),
    path("fulfillment-orders/<str:work>/pack", desk_api.PackWork.as_view()),
]
