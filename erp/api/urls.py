"""Routes of the ground floor API."""

from django.urls import path

from erp.api.events import Events

urlpatterns = [path("events", Events.as_view())]
