"""Hears what a channel says of an order whose customer was erased, without the person."""

import msgspec

from orders.intake.following.models import ChannelOrder
from orders.intake.following.queries import whole
from orders.intake.messages.statements import Statement
from orders.order.models.order import Order

# What of an order names its customer.
PERSON = (
    "customer",
    "shipping_address",
    "billing_address",
    "note",
    "remark",
    "metadata",
    "customer_id",
    "invoice",
)


def without_person(told: ChannelOrder, said: Statement) -> Statement:
    """A statement about an order of somebody who was erased, naming nobody; any other as it is.

    A shop tells of an order long after it ended, with the whole of its customer each time: they were back.
    """
    if told.order_id is None or told.said is None or said.order is None:
        return said
    if not Order.objects.filter(pk=told.order_id, customer__erased_at__isnull=False).exists():
        return said
    kept = whole(told)
    return msgspec.structs.replace(
        said,
        order=msgspec.structs.replace(said.order, **{name: getattr(kept, name) for name in PERSON}),
    )
