"""Reads how far a new business has come."""

from dataclasses import dataclass

from django.db import connection

from orders.policies.models import ChannelPolicy
from orders.pricing.models.prices import PriceList

STEPS = ("company", "products", "prices", "stock", "channel", "order", "shipment")
_DONE = """
SELECT EXISTS (SELECT FROM erp_company WHERE name <> ''),
       EXISTS (SELECT FROM inventory_sku),
       EXISTS (SELECT FROM orders_price),
       EXISTS (SELECT FROM inventory_stocklevel WHERE on_hand > 0),
       EXISTS (SELECT FROM orders_channelpolicy),
       EXISTS (SELECT FROM orders_order),
       EXISTS (SELECT FROM orders_order WHERE fulfillment_status = 'fulfilled')
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """Which steps are done, by name."""

    done: frozenset[str]

    @property
    def next_step(self) -> str:
        """The first step that is left; "" where all are done, or a first order has left: who ships needs no guide."""
        if STEPS[-1] in self.done:
            return ""
        return next((step for step in STEPS if step not in self.done), "")


def progress() -> Progress:
    """How far the business has come. One statement, whatever there is."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE)
        found = cursor.fetchone()
    return Progress(frozenset(step for step, is_done in zip(STEPS, found, strict=True) if is_done))


def first_price_list() -> PriceList | None:
    """The price list of the channel that was founded first; None where no channel has one yet."""
    policy = ChannelPolicy.objects.select_related("price_list").order_by("pk").first()
    return policy.price_list if policy else None
