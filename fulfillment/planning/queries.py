"""Reads the fulfillment orders a person may see."""

from django.db.models import QuerySet

from erp.access.models import Actor
from fulfillment.planning.models import FulfillmentOrder


def work_visible_to(actor: Actor) -> QuerySet[FulfillmentOrder]:
    """The fulfillment orders an actor may know of."""
    if actor.channel_id is not None:
        return FulfillmentOrder.objects.filter(order__channel_id=actor.channel_id)
    return FulfillmentOrder.objects.all()
