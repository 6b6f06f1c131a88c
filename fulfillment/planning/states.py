"""Declares the statuses of fulfillment orders and parcels."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


class FulfillmentOrderStatus(models.TextChoices):
    PLANNED = "planned", _("Planned")  # waits, because the order is on hold
    RELEASED = "released", _("To pick")
    PICKING = "picking", _("Being picked")
    PICKED = "picked", _("To pack")
    PACKED = "packed", _("To ship")
    SHIPPED = "shipped", _("Shipped")
    CANCELLED = "cancelled", _("Cancelled")


class ParcelStatus(models.TextChoices):
    PACKED = "packed", _("Packed")
    SHIPPED = "shipped", _("Shipped")
    PENDING = "pending", _("Announced to the carrier")
    PICKED_UP = "picked_up", _("Picked up by the carrier")
    IN_TRANSIT = "in_transit", _("In transit")
    ON_HOLD = "on_hold", _("Held by the carrier")
    DELIVERY_DELAYED = "delivery_delayed", _("Delayed")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    READY_FOR_PICKUP = "ready_for_pickup", _("Ready for pick-up")
    DELIVERY_FAILED = "delivery_failed", _("Delivery failed")
    RETURN_TO_SENDER = "return_to_sender", _("Returning to sender")
    RETURNED = "returned", _("Returned to sender")
    DELIVERED = "delivered", _("Delivered")
    UNKNOWN = "unknown", _("Message from the carrier")  # in words that nobody has mapped
    CANCELLED = "cancelled", _("Cancelled")


F = FulfillmentOrderStatus


FULFILLMENT_ORDER = StateMachine(
    noun="fulfillment",
    initial=F.PLANNED,
    transitions={
        "release": ({F.PLANNED}, F.RELEASED),
        "start_picking": ({F.RELEASED}, F.PICKING),
        "pick": ({F.RELEASED, F.PICKING}, F.PICKED),
        "pack": ({F.PICKED, F.PACKED}, F.PACKED),
        "ship": ({F.PACKED}, F.SHIPPED),
        "cancel": ({F.PLANNED, F.RELEASED, F.PICKING, F.PICKED, F.PACKED}, F.CANCELLED),
    },
)
