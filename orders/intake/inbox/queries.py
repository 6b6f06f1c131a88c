"""Reads the incoming messages a person may see."""

from django.db.models import QuerySet

from erp.access.models import Actor
from orders.intake.messages.models import IncomingMessage


def messages_visible_to(actor: Actor) -> QuerySet[IncomingMessage]:
    """What came in from channels, as far as an actor may know of it; without the bodies."""
    rows = IncomingMessage.objects.select_related("order").defer("body")
    if actor.channel_id is not None:
        return rows.filter(channel_id=actor.channel_id)
    return rows
