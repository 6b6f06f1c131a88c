"""Names the twelve states that carriers' tracking events are read into."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TrackingState(models.TextChoices):
    """In the order in which states of one instant count: the later one is the further along."""

    UNKNOWN = (
        "unknown",
        _("Message from the carrier"),
    )  # nobody has mapped its word: it says nothing
    PENDING = "pending", _("Announced to the carrier")
    PICKED_UP = "picked_up", _("Picked up by the carrier")
    IN_TRANSIT = "in_transit", _("In transit")
    ON_HOLD = "on_hold", _("Held by the carrier")
    DELIVERY_DELAYED = "delivery_delayed", _("Delayed")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    READY_FOR_PICKUP = "ready_for_pickup", _("Ready for pick-up")
    DELIVERY_FAILED = "delivery_failed", _("Delivery failed")
    CANCELLED = "cancelled", _("Cancelled by the carrier")
    RETURN_TO_SENDER = "return_to_sender", _("Returning to sender")
    DELIVERED = "delivered", _("Delivered")


RANKS = {state: rank for rank, state in enumerate(TrackingState.values)}


def state_of(word: str) -> str:
    """Read a state as its sender writes it; "unknown" for every word that is none of the twelve.

    Letter case, blanks and dashes make no other word: "Out for delivery" is out_for_delivery.
    """
    plain = "_".join(word.casefold().replace("-", " ").replace("_", " ").split())
    return plain if plain in RANKS else "unknown"
