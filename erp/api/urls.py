"""Routes the ground floor's API."""

from django.urls import path

from erp.api import webhooks
from erp.api.events import Events

urlpatterns = [
    path("events", Events.as_view()),
    path("webhook-endpoints", webhooks.WebhookEndpoints.as_view()),
    path("webhook-endpoints/<str:endpoint>", webhooks.OneWebhookEndpoint.as_view()),
    path("webhook-endpoints/<str:endpoint>/pause", webhooks.PauseWebhookEndpoint.as_view()),
    path("webhook-endpoints/<str:endpoint>/resume", webhooks.ResumeWebhookEndpoint.as_view()),
    path("webhook-endpoints/<str:endpoint>/deliveries", webhooks.WebhookDeliveries.as_view()),
    path("webhook-endpoints/<str:endpoint>/replay", webhooks.ReplayWebhooks.as_view()),
]
