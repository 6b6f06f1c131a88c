"""Finds order drafts."""

from django.db.models import QuerySet

from erp.access.models import Actor
from orders.intake.mail.models import OrderDraft


def drafts_visible_to(actor: Actor) -> QuerySet[OrderDraft]:
    """The drafts of an actor's channel; of every channel for those who have none."""
    rows = OrderDraft.objects.select_related("channel", "order")
    return rows.filter(channel_id=actor.channel_id) if actor.channel_id else rows
