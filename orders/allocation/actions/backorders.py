"""Fills backordered lines when goods arrive; backorders lines whose goods are missing."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from erp.counters import add_units
from erp.events.record import record_event
from inventory.models import (
    Reservation,
    StockShortfall,
)
from inventory.stock.actions.ledger import lock_levels, lock_skus
from inventory.stock.actions.reserve import release_units, reserve_rows
from orders.allocation import decisions as allocation_decisions
from orders.allocation.decisions import Fill
from orders.allocation.models import ChoiceOffer
from orders.allocation.queries import stocked_for, waiting_lines
from orders.order.actions.holds import write_released
from orders.order.actions.life import confirm_if_ready
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Hold, Order, OrderLine
from orders.order.models.timeline import Decision
from orders.order.queries import made_of
from orders.order.states import OPEN, HoldKind
from orders.routing.queries import free_units, warehouses

ORDERS_AT_ONCE = 200


SHORT = "promised_goods_not_found"


SETTLED = ("waits_for_all", "choice_open")  # holds that end with the last unit


class Missing(TypedDict):
    """Units of a line that were promised and are not there."""

    sku: str
    quantity: int


@transaction.atomic(savepoint=False)
def fill_backorders(*, sku_ids: Collection[int], by: Actor, now: datetime) -> int:
    """Reserve free units of these SKUs for backordered lines; return the units reserved.

    The oldest promise comes first (`orders.allocation.decisions`). Orders get their goods whether
    held or not; a hold for want of stock is released with the last unit, and the order goes on.
    More orders than `ORDERS_AT_ONCE` are served by the next event, which this one records.
    """
    require(by, "orders.allocate")
    stocked = stocked_for(sku_ids)
    wanted = _next_orders(sku_ids, stocked)
    if not wanted:
        return 0
    for pk in sorted(wanted[:ORDERS_AT_ONCE]):
        lock_order(pk)
    lock_skus(stocked)
    fills = allocation_decisions.fill(
        list(waiting_lines(sku_ids, wanted[:ORDERS_AT_ONCE])),
        free_units(sku_ids=stocked),
        warehouses(),
    )
    give_goods(fills=fills, by=by, now=now)
    if len(wanted) > ORDERS_AT_ONCE:
        record_event(
            "stock.arrived", subject="backorders", channel_id=None, sku_ids=sorted(sku_ids)
        )
    return sum(fill.quantity for fill in fills)


def _next_orders(sku_ids: Collection[int], stocked: Collection[int]) -> list[int]:
    """The orders that are served next by what is free, in turn; one more than `ORDERS_AT_ONCE` at most.

    The queue is read as far as the goods go, not to its end.
    """
    free = free_units(sku_ids=stocked)
    there = {sku for (sku, _warehouse), units in free.items() if units > 0}
    came = there.intersection(sku_ids)
    if not came:
        return []
    waiting = waiting_lines(sku_ids, without=set(stocked) - there)
    found: dict[int, None] = {}
    for fill in allocation_decisions.fill_in_turn(waiting, free, warehouses(), came=came):
        found[fill.order_id] = None
        if len(found) > ORDERS_AT_ONCE:
            break
    return list(found)


@transaction.atomic(savepoint=False)
def give_goods(*, fills: Sequence[Fill], by: Actor, now: datetime) -> int:
    """Write what was decided, order by order; the orders and the levels are locked. Returns the units given."""
    rows = [_reserved(fill, part, each) for fill in fills for part, each in fill.made_of]
    if rows:
        reserve_rows(rows, "order_line", "committed")
    codes = {w.id: w.code for w in warehouses()}
    by_order: dict[int, list[Fill]] = {}
    for fill in fills:
        by_order.setdefault(fill.order_id, []).append(fill)
    given: dict[int, int] = {}
    for fill in fills:
        given[fill.line_id] = given.get(fill.line_id, 0) + fill.quantity
    add_units(OrderLine, given, quantity_reserved=+1, quantity_backordered=-1)
    for order_id, its in sorted(by_order.items()):
        order = Order.objects.get(pk=order_id)
        Decision.objects.create(
            order=order,
            kind="backorder",
            engine=allocation_decisions.ENGINE,
            inputs={"lines": [{"sku": f.sku, "quantity": f.quantity} for f in its]},
            outcome={
                "given": [
                    {"sku": f.sku, "quantity": f.quantity, "warehouse": codes[f.warehouse_id]}
                    for f in its
                ]
            },
            reasons=[why for f in its for why in f.reasons],
            at=now,
        )
        for fill in its:
            append_event(
                order_id=order_id,
                kind="backorder.filled",
                by=by,
                now=now,
                data={
                    "sku": fill.sku,
                    "quantity": fill.quantity,
                    "warehouse": codes[fill.warehouse_id],
                },
            )
        _go_on(order, by, now)
    return sum(fill.quantity for fill in fills)


def _reserved(fill: Fill, sku_id: int, each: int) -> dict[str, int]:
    return {
        "holder_id": fill.line_id,
        "sku_id": sku_id,
        "warehouse_id": fill.warehouse_id,
        "quantity": fill.quantity * each,
    }


def _go_on(order: Order, by: Actor, now: datetime) -> None:
    """Release what held a locked order for want of stock, if it has all now; tell who plans."""
    whole = not OrderLine.objects.filter(order=order, quantity_backordered__gt=0).exists()
    holds = Hold.objects.filter(
        order=order, released_at=None, kind=HoldKind.STOCK, reason__in=(SHORT, *SETTLED)
    )
    if whole:
        ChoiceOffer.objects.filter(order=order, status="open").update(status="ended")
    released = list(holds.order_by("pk").select_for_update()) if whole else []
    write_released(order=order, holds=released, by=by, now=now)
    if not confirm_if_ready(order=order, by=by, now=now):
        record_event(
            "order.allocated",
            subject=f"order:{order.pk}",
            channel_id=order.channel_id,
            order_id=order.pk,
        )


@transaction.atomic(savepoint=False)
def follow_shortfalls(*, shortfall_ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Backorder order lines whose reserved goods were not found; return how many lines.

    The units wait again (back-ordered), the order is held for want of stock, and what the rest of
    a bundle had reserved is given back. Another warehouse may fill them at once.
    """
    require(by, "orders.allocate")
    open_ones = StockShortfall.objects.filter(pk__in=shortfall_ids, closed_at=None)
    lines = sorted(
        set(
            open_ones.filter(reservation__holder_kind="order_line").values_list(
                "reservation__holder_id", flat=True
            )
        )
    )
    order_ids = sorted(
        set(OrderLine.objects.filter(pk__in=lines).values_list("order_id", flat=True))
    )
    orders = {pk: lock_order(pk) for pk in order_ids}
    rows = {line.pk: line for line in OrderLine.objects.filter(pk__in=lines)}
    held = Reservation.objects.filter(
        holder_kind="order_line", holder_id__in=lines, status__in=("committed", "short")
    )
    skus = set(held.values_list("sku_id", flat=True))
    lock_levels(held.values_list("sku_id", "warehouse_id"))
    parts = made_of({line.pk: line.sku_id for line in rows.values()})
    hit: dict[int, list[Missing]] = {}
    for pk, line in sorted(rows.items()):
        lost = line.quantity_reserved - _still_whole(line, parts[pk])
        if lost > 0 and orders[line.order_id].status in OPEN:
            line.quantity_reserved -= lost
            line.quantity_backordered += lost
            line.save(update_fields=["quantity_reserved", "quantity_backordered"])
            hit.setdefault(line.order_id, []).append({"sku": line.sku_code, "quantity": lost})
            _give_back_rest(line, parts[pk])
    ended = list(open_ones.order_by("pk").select_for_update())
    Reservation.objects.filter(pk__in=[row.reservation_id for row in ended], status="short").update(
        status="released"
    )
    open_ones.update(closed_at=now)
    for order_id, missing in sorted(hit.items()):
        _hold_for_stock(orders[order_id], missing, by, now)
    if hit:
        record_event("stock.arrived", subject="shortfall", channel_id=None, sku_ids=sorted(skus))
    return sum(len(missing) for missing in hit.values())


def _committed(line: OrderLine) -> dict[tuple[int, int], list[Reservation]]:
    found: dict[tuple[int, int], list[Reservation]] = {}
    for row in Reservation.objects.filter(
        holder_kind="order_line", holder_id=line.pk, status="committed"
    ).order_by("-pk"):
        found.setdefault((row.sku_id, row.warehouse_id), []).append(row)
    return found


def _whole_by_warehouse(line: OrderLine, parts: Sequence[tuple[int, int]]) -> dict[int, int]:
    """How many units of a line each warehouse still has everything for."""
    units = {key: sum(r.quantity for r in rows) for key, rows in _committed(line).items()}
    return {
        warehouse: min(units.get((sku, warehouse), 0) // each for sku, each in parts)
        for warehouse in {key[1] for key in units}
    }


def _still_whole(line: OrderLine, parts: Sequence[tuple[int, int]]) -> int:
    return sum(_whole_by_warehouse(line, parts).values())


def _give_back_rest(line: OrderLine, parts: Sequence[tuple[int, int]]) -> None:
    """Release what is reserved beyond whole units: the other parts of a bundle that lost one."""
    whole = _whole_by_warehouse(line, parts)
    each = dict(parts)
    taken: list[tuple[Reservation, int]] = []
    for (sku, warehouse), rows in _committed(line).items():
        surplus = sum(r.quantity for r in rows) - whole.get(warehouse, 0) * each.get(sku, 1)
        for row in rows:
            if surplus <= 0:
                break
            gone = min(surplus, row.quantity)
            surplus -= gone
            taken.append((row, gone))
    release_units(taken=taken)


def _hold_for_stock(order: Order, missing: Sequence[Missing], by: Actor, now: datetime) -> None:
    if not Hold.objects.filter(
        order=order, released_at=None, kind=HoldKind.STOCK, reason=SHORT
    ).exists():
        Hold.objects.create(
            order=order,
            kind=HoldKind.STOCK,
            reason=SHORT,
            by=by,
            opened_at=now,
            params={"lines": list(missing)},
        )
        order.open_holds += 1
        append_event(
            order_id=order.pk,
            kind="hold.opened",
            by=by,
            now=now,
            data={"kind": HoldKind.STOCK, "reason": SHORT},
        )
    for row in missing:
        append_event(order_id=order.pk, kind="stock.short", by=by, now=now, data=row)
    order.updated_at = now
    order.save(update_fields=["open_holds", "updated_at"])
    record_event(
        "order.short",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )


@transaction.atomic(savepoint=False)
def warn_orders_at_risk(
    *, order_ids: Sequence[int], purchase: str, expected_on: str, by: Actor, now: datetime
) -> int:
    """Note on orders that the goods they wait for come later than promised; return how many."""
    require(by, "orders.allocate")
    for pk in sorted(set(order_ids)):
        lock_order(pk)
        append_event(
            order_id=pk,
            kind="promise.at_risk",
            by=by,
            now=now,
            data={"purchase": purchase, "expected_on": expected_on},
        )
    return len(set(order_ids))
