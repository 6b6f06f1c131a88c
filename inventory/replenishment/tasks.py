"""Recalculates suggestions when stock is posted or a purchase order closes."""

from datetime import datetime

from erp.access.queries import job_actor
from erp.events.models import Event
from erp.wiring import OWED, resolve
from inventory.purchasing.models import PurchaseLine
from inventory.replenishment.actions.suggest import suggest_purchases


def judge_again(*, event: Event, now: datetime) -> None:
    """On stock.posted and purchase.closed: recalculate the suggestions of these SKUs."""
    ids = event.facts.get("sku_ids")
    if ids is None:
        lines = PurchaseLine.objects.filter(purchase_id=event.facts["purchase_id"])
        ids = list(lines.values_list("sku_id", flat=True))
    suggest_purchases(by=job_actor("relay"), now=now, backordered=resolve(OWED)(ids), sku_ids=ids)
