"""Routes the fulfillment pages and public tracking."""

from django.urls import path

from fulfillment.desk import views as desk_views
from fulfillment.tracking import views as tracking_views

app_name = "fulfillment"
urlpatterns = [
    path("fulfillment/", desk_views.work_list, name="list"),
    path("fulfillment/<int:pk>/", desk_views.work_page, name="work"),
    path("fulfillment/<int:pk>/<str:verb>/", desk_views.take_step, name="take_step"),
    path("shipments/", desk_views.shipment_list, name="shipments"),
    path("shipments/<int:pk>/<str:kind>.pdf", desk_views.paper, name="paper"),
    path("track/", tracking_views.track, name="track"),
    path("track/<number>/", tracking_views.track_order),
]
