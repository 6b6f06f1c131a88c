"""Routes the figures API below /api/v1/."""

from django.urls import path

from analytics import api

urlpatterns = [
    path("analytics", api.Metrics.as_view()),
    path("analytics/<str:metric>", api.Analytics.as_view()),
]
