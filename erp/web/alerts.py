"""Warns on the home page of failures that need a person."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.events.models import EventDelivery, WebhookEndpoint
from erp.jobs.models import Job
from erp.lists import row_counts
from erp.messages.models import Message


@dataclass(frozen=True)
class Alert:
    """One kind of trouble: its words, how often, where to look."""

    label: object
    shown: str
    url: str


def alerts_for(actor: Actor) -> list[Alert]:
    """Return the failures that a person may look into; usually none."""
    if "settings.view" not in actor.verbs:
        return []
    kinds = {
        "alert:messages": (
            _("Messages that could not be sent"),
            "/settings/messages/",
            lambda: Message.objects.filter(status="failed"),
        ),
        "alert:parked": (
            _("Events that a subscriber failed to process"),
            "/settings/health/",
            lambda: EventDelivery.objects.filter(status="parked"),
        ),
        "alert:webhooks": (
            _("Webhook endpoints that are paused"),
            "/settings/webhooks/",
            lambda: WebhookEndpoint.objects.filter(status="paused"),
        ),
        "alert:jobs": (
            _("Jobs that failed"),
            "/jobs/?status=failed",
            lambda: Job.objects.filter(status="failed"),
        ),
    }
    counts = row_counts.counted({name: rows for name, (_label, _url, rows) in kinds.items()})
    return [
        Alert(label, row_counts.shown(counts[name]), url)
        for name, (label, url, _rows) in kinds.items()
        if counts[name]
    ]
