"""Routes of the fulfillment pages, and of public tracking."""

from django.urls import path

from fulfillment import views

app_name = "fulfillment"
urlpatterns = [
    path("fulfillment/", views.work_list, name="list"),
    path("fulfillment/<int:pk>/", views.work_page, name="work"),
    path("fulfillment/<int:pk>/<str:verb>/", views.take_step, name="take_step"),
    path("shipments/", views.shipment_list, name="shipments"),
    path("shipments/<int:pk>/<str:kind>.pdf", views.paper, name="paper"),
    path("track/", views.track, name="track"),
]
