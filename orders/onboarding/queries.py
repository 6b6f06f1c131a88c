"""Reads how far a new business has come."""

from dataclasses import dataclass

from django.db import connection

STEPS = ("company", "products", "prices", "stock", "channel", "order", "shipment")
_DONE = """
SELECT EXISTS (SELECT FROM erp_company WHERE name <> '') AND EXISTS (SELECT FROM orders_channelpolicy),
       EXISTS (SELECT FROM inventory_sku),
       EXISTS (SELECT FROM orders_price),
       EXISTS (SELECT FROM inventory_stocklevel WHERE on_hand > 0),
       EXISTS (SELECT FROM erp_channel JOIN orders_channelpolicy ON channel_id = erp_channel.id),
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
