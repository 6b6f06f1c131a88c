"""Reads the units that orders wait for."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TypedDict

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from inventory.models import PurchaseLine
from inventory.stock.queries import preferred_warehouse
from orders.allocation.decisions import Waiting
from orders.order.models.order import Order, OrderLine, OrderLinePart
from orders.order.queries import made_of, waiting_for
from orders.order.states import OPEN

AT_ONCE = 500  # waiting lines that are read together


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
    for waiting in waiting_lines(skus):
        if not any(supply.left for supplies in coming.values() for supply in supplies):
            break
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


# An order's priority in shortages: its own, else the higher of its customer's group's, where it is proven theirs, and
# its channel's.
RANK = Case(
    When(~Q(order__priority=0), then=F("order__priority")),
    default=Greatest(
        Case(
            When(order__customer_proof="", then=Value(0)),
            default=Coalesce(F("order__customer__group__priority"), 0),
            output_field=SmallIntegerField(),
        ),
        Coalesce(F("order__channel__policy__priority"), 0),
    ),
    output_field=IntegerField(),
)
# The order of `orders.allocation.decisions.queue`.
QUEUE = (
    F("rank").desc(),
    F("order__ship_by").asc(nulls_last=True),
    F("order__placed_at").asc(),
    F("pk").asc(),
)


def lines_waiting(sku_ids: Collection[int]) -> QuerySet[OrderLine]:
    """The lines of open orders that lack units of these SKUs, alone or in a bundle, in no order."""
    waiting = OrderLine.objects.filter(quantity_backordered__gt=0)
    alone = waiting.filter(sku_id__in=sku_ids).values("pk")
    bundled = OrderLinePart.objects.filter(
        sku_id__in=sku_ids, order_line__quantity_backordered__gt=0
    ).values("order_line")
    # Each by an index of its own: with an OR, what waits for any SKU would be read.
    return waiting.filter(pk__in=alone.union(bundled), order__status__in=OPEN)


def waiting_lines(
    sku_ids: Collection[int],
    order_ids: Collection[int] | None = None,
    *,
    without: Collection[int] = (),
    most: int | None = None,
) -> Iterator[Waiting]:
    """Lines of open orders that lack units of these SKUs, alone or in a bundle, next in the queue first.

    However many wait, only those are read that are taken from it (`AT_ONCE` at a time).
    without   leave out lines that need any of these SKUs: there is nothing of them
    """
    lines = lines_waiting(set(sku_ids) - set(without))
    if without:
        dry = OrderLinePart.objects.filter(order_line=OuterRef("pk"), sku_id__in=without)
        lines = lines.exclude(Exists(dry))
    if order_ids is not None:
        lines = lines.filter(order_id__in=order_ids)
    rows = (
        lines.annotate(rank=RANK)
        .order_by(*QUEUE)[:most]
        .values_list(
            "pk",
            "order_id",
            "sku_id",
            "sku_code",
            "quantity_backordered",
            "order__ship_by",
            "order__placed_at",
            "order__country",
            "rank",
        )
    )
    found = rows.iterator(chunk_size=AT_ONCE)
    while batch := list(islice(found, AT_ONCE)):
        parts = made_of({row[0]: row[2] for row in batch})
        for pk, order_id, _sku, code, units, ship_by, placed_at, country, rank in batch:
            yield Waiting(
                pk, order_id, code, units, ship_by, placed_at, country, tuple(parts[pk]), rank
            )


def stocked_for(sku_ids: Collection[int]) -> set[int]:
    """These SKUs, and whatever else the bundles that wait for them are made of."""
    bundles = lines_waiting(sku_ids).filter(parts__isnull=False)
    parts = bundles.order_by().values_list("parts__sku_id", flat=True).distinct()
    return {*sku_ids, *parts}


def backordered_units(sku_ids: Collection[int] | None = None) -> dict[tuple[int, int], int]:
    """Units that waiting orders lack, bundles in parts, by (SKU id, warehouse id).

    Where they will leave from is decided when goods come; until then the preferred warehouse
    is taken, which is asked first then too. No `sku_ids`: of every SKU.
    """
    home = preferred_warehouse()
    if home is None:
        return {}
    return {(part, home): units for part, units in waiting_for(sku_ids).items()}
