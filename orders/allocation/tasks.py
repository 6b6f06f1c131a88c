"""Reallocates stock when goods arrive, go missing or are delayed."""

from datetime import datetime

from erp.access.queries import job_actor
from erp.events.models import Event
from inventory.models import PurchaseOrder
from orders.allocation.actions.backorders import (
    fill_backorders,
    follow_shortfalls,
    warn_orders_at_risk,
)
from orders.allocation.queries import orders_at_risk
from orders.routing.actions.promises import revise_promise


def goods_came(*, event: Event, now: datetime) -> None:
    """On stock.arrived: allocate the goods to waiting orders."""
    fill_backorders(sku_ids=event.facts["sku_ids"], by=job_actor("relay"), now=now)


def goods_missing(*, event: Event, now: datetime) -> None:
    """On stock.short: backorder and hold orders whose reserved goods were not found."""
    follow_shortfalls(shortfall_ids=event.facts["shortfall_ids"], by=job_actor("relay"), now=now)


def goods_late(*, event: Event, now: datetime) -> None:
    """On purchase.delayed: record the delay on orders promised the goods."""
    purchase = PurchaseOrder.objects.get(pk=event.facts["purchase_id"])
    if purchase.expected_on is None:
        return
    late = sorted({row["order_id"] for row in orders_at_risk(purchase.pk)})
    warn_orders_at_risk(
        order_ids=late,
        purchase=purchase.number,
        expected_on=purchase.expected_on.isoformat(),
        by=job_actor("relay"),
        now=now,
    )
    for pk in late:
        revise_promise(order_id=pk, cause="goods_late", by=job_actor("relay"), now=now)
