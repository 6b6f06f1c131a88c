"""Routes of the stock API, below /api/v1/."""

from django.urls import path

from inventory import api

urlpatterns = [
    path("skus", api.Skus.as_view()),
    path("skus/<str:code>", api.OneSku.as_view()),
    path("products", api.Skus.as_view()),
    path("availability", api.Availability.as_view()),
    path("stock/adjustments", api.Adjustments.as_view()),
    path("stock/movements", api.Movements.as_view()),
    path("reservations", api.Reservations.as_view()),
    path("reservations/<str:cart>", api.OneReservation.as_view()),
]
