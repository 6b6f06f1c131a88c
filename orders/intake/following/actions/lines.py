"""Updates an order's lines to its channel's, by deltas, while the order is untouched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from erp.access.models import Actor
from erp.events.record import record_event
from inventory.models import BundlePart, Sku
from orders.order.actions.timeline import append_event, derive_axes
from orders.order.models.order import Order, OrderLine, OrderLinePart
from orders.order.states import OPEN
from orders.placement.incoming import ForeignLine, ForeignOrder
from orders.placement.prepared import charged_tax_rate
from orders.routing.actions.units import give_back_units, lock_held

NOUGHT = {"subtotal": 0, "discount": 0, "tax": 0, "total": 0}


@dataclass(frozen=True)
class _Change:
    """What becomes of one line: `line` None is a new one, `wanted` None one that is gone."""

    line: OrderLine | None
    wanted: ForeignLine | None


@transaction.atomic(savepoint=False)
def rewrite_lines(
    *, order: Order, was: ForeignOrder, wanted: ForeignOrder, by: Actor, now: datetime
) -> bool:
    """Change the lines and amounts of a locked order as its channel changed them; whether that was possible.

    was      what the channel said before: where our lines say something else, a person changed them
    wanted   what it says now, with our SKU codes on its lines
    Units that are no longer wanted are free at once; units that are more wait as a back-order does. An order
    that the warehouse has begun with, or that has left, stays as it is.
    """
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    changes = _changes(lines, was, wanted)
    untouched = order.status in OPEN and order.fulfillment_status == "unfulfilled"
    if changes is None or not untouched or any(line.quantity_shipped for line in lines):
        return False
    cut, more = False, set[int]()
    lock_held(lines=lines)
    for change in changes:
        if change.line is None and change.wanted is not None:
            more |= _add(order, change.wanted)
        elif change.line is not None and change.wanted is None:
            cut |= _remove(change.line)
        elif change.line is not None and change.wanted is not None:
            less, sku = _resize(change.line, change.wanted)
            cut |= less
            more |= sku
    _total(order, wanted, now)
    append_event(order_id=order.pk, kind="edited", by=by, now=now, data={"fields": ["lines"]})
    subject = f"order:{order.pk}"
    record_event(
        "order.edited",
        subject=subject,
        channel_id=order.channel_id,
        order_id=order.pk,
        by_channel=True,
    )
    if cut:
        record_event("order.short", subject=subject, channel_id=order.channel_id, order_id=order.pk)
    if more:
        record_event("stock.arrived", subject=subject, channel_id=None, sku_ids=sorted(more))
    return True


def _changes(
    lines: Sequence[OrderLine], was: ForeignOrder, wanted: ForeignOrder
) -> list[_Change] | None:
    """What differs, line by line.

    None where our lines are not what the channel said before, where a line has become another article, and where a
    new line's goods are unknown: nobody could promise those, so a person sees to them.
    """
    ours = {line.key: line for line in lines if line.quantity_ordered > line.quantity_cancelled}
    before = {line.key[:60]: line.quantity for line in was.lines}
    after = {line.key[:60]: line for line in wanted.lines}
    known = {key: line.quantity_ordered - line.quantity_cancelled for key, line in ours.items()}
    if known != before or len(before) != len(was.lines) or len(after) != len(wanted.lines):
        return None
    codes = {line.key[:60]: line.code for line in was.lines}
    if any(codes.get(key, line.code) != line.code for key, line in after.items()):
        return None
    if any(not (line.sku or line.is_service) for key, line in after.items() if key not in ours):
        return None
    return [
        *(_Change(line, after.get(key)) for key, line in sorted(ours.items())),
        *(_Change(None, line) for key, line in after.items() if key not in ours),
    ]


def _priced(line: OrderLine, wanted: ForeignLine) -> None:
    line.unit_price, line.subtotal = wanted.unit_price, wanted.subtotal
    line.discount, line.tax = wanted.discount, wanted.tax
    line.tax_rate = charged_tax_rate(wanted)
    line.total = line.subtotal - line.discount + line.tax


def _add(order: Order, wanted: ForeignLine) -> set[int]:
    """A line that is new: its goods are promised as a back-order's are."""
    sku = Sku.objects.filter(code=wanted.sku).first() if wanted.sku else None
    last = order.lines.order_by("-position").values_list("position", flat=True).first()
    line = OrderLine(
        order=order,
        position=(last if last is not None else -1) + 1,
        sku=sku,
        sku_code=sku.code if sku else wanted.code,
        name=sku.name if sku else wanted.name,
        is_service=sku.is_service if sku else wanted.is_service,
        key=wanted.key[:60],
        listing=wanted.listing[:60],
        quantity_ordered=wanted.quantity,
    )
    if sku is not None and not sku.is_service:
        line.quantity_backordered = wanted.quantity
    _priced(line, wanted)
    line.save()
    if sku is None:
        return set()
    parts = list(BundlePart.objects.filter(bundle=sku))
    OrderLinePart.objects.bulk_create(
        OrderLinePart(order_line=line, sku_id=part.part_id, quantity=part.quantity)
        for part in parts
    )
    return set() if sku.is_service else {sku.pk, *(part.part_id for part in parts)}


def _remove(line: OrderLine) -> bool:
    """A line that is gone: nothing of it is wanted, and it costs nothing."""
    was_reserved = line.quantity_reserved
    give_back_units(units=[(line, was_reserved)])
    line.quantity_cancelled, line.quantity_backordered = line.quantity_ordered, 0
    for name, value in NOUGHT.items():
        setattr(line, name, value)
    line.save()
    return was_reserved > 0


def _resize(line: OrderLine, wanted: ForeignLine) -> tuple[bool, set[int]]:
    """A line with another number of units, or another price: (something was given back, SKUs to promise)."""
    now = line.quantity_ordered - line.quantity_cancelled
    change = wanted.quantity - now
    less, more = False, set[int]()
    if change < 0:
        from_waiting = min(-change, line.quantity_backordered)
        line.quantity_backordered -= from_waiting
        if rest := min(-change - from_waiting, line.quantity_reserved):
            give_back_units(units=[(line, rest)])
            less = True
    elif change > 0 and line.sku_id is not None and not line.is_service:
        line.quantity_backordered += change
        more = {line.sku_id}
    # Units whose price went back were ordered: what the channel took off of them is cancelled, not forgotten.
    line.quantity_cancelled += max(
        0, line.quantity_refunded - wanted.quantity - line.quantity_cancelled
    )
    line.quantity_ordered = wanted.quantity + line.quantity_cancelled
    _priced(line, wanted)
    line.save()
    return less, more


def _total(order: Order, wanted: ForeignOrder, now: datetime) -> None:
    sums = order.lines.aggregate(
        subtotal=Sum("subtotal"), discount=Sum("discount"), tax=Sum("tax"), total=Sum("total")
    )
    order.subtotal, order.discount = sums["subtotal"], sums["discount"]
    order.shipping, order.shipping_tax = wanted.shipping, wanted.shipping_tax
    order.tax = sums["tax"] + wanted.shipping_tax
    order.total = sums["total"] + wanted.shipping + wanted.shipping_tax
    order.version += 1
    order.updated_at = now
    order.save(
        update_fields=[
            "subtotal",
            "discount",
            "shipping",
            "shipping_tax",
            "tax",
            "total",
            "version",
            "updated_at",
        ]
    )
    derive_axes([order.pk], now)
    order.refresh_from_db()
