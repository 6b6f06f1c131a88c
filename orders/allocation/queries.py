"""Reads the units that orders wait for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from django.db.models import Q

from inventory.models import PurchaseLine
from inventory.stock.queries import preferred_warehouse
from orders.allocation import decisions as allocation_decisions
from orders.allocation.decisions import Waiting
from orders.order.models.order import Order, OrderLine
from orders.order.queries import made_of
from orders.order.states import OPEN


class AtRisk(TypedDict):
    """Units of an order that come with a purchase order, later than they were promised."""

    order_id: int
    sku: str
    quantity: int
    ship_by: datetime | None
    expected_on: date | None
    number: str


@dataclass
class _Supply:
    """What is left of a line of a purchase order; `left` shrinks as it is taken."""

    left: int
    on: date | None
    purchase_id: int


def orders_at_risk(purchase_id: int) -> list[AtRisk]:
    """Orders promised earlier than the goods of a purchase order come, that wait for these goods.

    Lines wait in the order they will be served (`orders.allocation.decisions`); what comes is
    taken by day. A row for each line that gets units of this purchase order after its ship-by:
    order_id, number, sku, quantity, ship_by, expected_on. Orders with the oldest promise first.
    """
    coming: dict[int, list[_Supply]] = {}
    mine = PurchaseLine.objects.filter(purchase_id=purchase_id, quantity_incoming__gt=0)
    skus = list(mine.values_list("sku_id", flat=True))
    for line in (
        PurchaseLine.objects.filter(sku_id__in=skus, quantity_incoming__gt=0)
        .order_by("expected_on", "pk")
        .values_list("sku_id", "quantity_incoming", "expected_on", "purchase_id")
    ):
        coming.setdefault(line[0], []).append(_Supply(line[1], line[2], line[3]))
    found: list[AtRisk] = []
    for waiting in allocation_decisions.queue(waiting_lines(skus)):
        for sku, each in waiting.made_of:
            left = waiting.quantity * each
            for supply in coming.get(sku, []):
                taken = min(left, supply.left)
                supply.left -= taken
                left -= taken
                late = waiting.ship_by and supply.on and supply.on > waiting.ship_by.date()
                if taken and late and supply.purchase_id == purchase_id:
                    found.append(
                        {
                            "order_id": waiting.order_id,
                            "sku": waiting.sku,
                            "quantity": -(-taken // each),
                            "ship_by": waiting.ship_by,
                            "expected_on": supply.on,
                            "number": "",
                        }
                    )
    numbers = dict(
        Order.objects.filter(pk__in={row["order_id"] for row in found}).values_list("pk", "number")
    )
    for row in found:
        row["number"] = numbers[row["order_id"]]
    return found


def rank_of(order: Order) -> int:
    """Return an order's priority in shortages: its own, else its customer's or channel's.

    The higher of the two; its customer's group and its channel's policy are read with it.
    """
    if order.priority:
        return order.priority
    group, policy = order.customer.group, getattr(order.channel, "policy", None)
    return max(group.priority if group else 0, policy.priority if policy else 0)


def waiting_lines(
    sku_ids: Collection[int], order_ids: Collection[int] | None = None
) -> list[Waiting]:
    """Lines of open orders that lack units of these SKUs, alone or in a bundle."""
    lines = (
        OrderLine.objects.filter(quantity_backordered__gt=0, order__status__in=OPEN)
        .filter(Q(sku_id__in=sku_ids) | Q(parts__sku_id__in=sku_ids))
        .select_related("order__customer__group", "order__channel__policy")
        .order_by("pk")
        .distinct()
    )
    if order_ids is not None:
        lines = lines.filter(order_id__in=order_ids)
    rows = list(lines)
    parts = made_of({line.pk: line.sku_id for line in rows})
    return [
        Waiting(
            line.pk,
            line.order_id,
            line.sku_code,
            line.quantity_backordered,
            line.order.ship_by,
            line.order.placed_at,
            line.order.country,
            tuple(parts[line.pk]),
            rank_of(line.order),
        )
        for line in rows
    ]


def backordered_units(sku_ids: Collection[int] | None = None) -> dict[tuple[int, int], int]:
    """Units that waiting orders lack, bundles in parts, by (SKU id, warehouse id).

    Where they will leave from is decided when goods come; until then the preferred warehouse
    is taken, which is asked first then too. No `sku_ids`: of every SKU.
    """
    lines = OrderLine.objects.filter(quantity_backordered__gt=0, order__status__in=OPEN)
    rows = list(lines.values_list("pk", "sku_id", "quantity_backordered"))
    home = preferred_warehouse()
    if not rows or home is None:
        return {}
    parts = made_of({pk: sku for pk, sku, _units in rows})
    owed: dict[tuple[int, int], int] = {}
    for pk, _sku, units in rows:
        for part, each in parts[pk]:
            if sku_ids is None or part in sku_ids:
                owed[part, home] = owed.get((part, home), 0) + units * each
    return owed
