"""Names the rows of every room of the ground floor, so that Django finds them."""

from erp.access.models import Actor, ApiKey, Channel, Company, User
from erp.audit.models import HistoryEntry
from erp.events.models import (
    Event,
    EventDelivery,
    Heartbeat,
    Once,
    WebhookDelivery,
    WebhookEndpoint,
)
from erp.jobs.models import Job, JobFinding
from erp.messages.models import Message

__all__ = [
    "Actor",
    "ApiKey",
    "Channel",
    "Company",
    "Event",
    "EventDelivery",
    "Heartbeat",
    "HistoryEntry",
    "Job",
    "JobFinding",
    "Message",
    "Once",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
]
