"""Sets an order's priority and reallocates stock to it from other orders (优先占用)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import ChooseAgain, Conflict, Invalid
from erp.events.record import record_event
from erp.queries import find_one
from erp.verbs import Done
from inventory.models import Reservation
from inventory.stock.actions.ledger import lock_skus
from orders.allocation import decisions as allocation_decisions
from orders.allocation.actions.backorders import give_goods
from orders.allocation.decisions import Holder, Take
from orders.allocation.queries import QUEUE, RANK, waiting_lines
from orders.order.actions.timeline import append_event, lock_order
from orders.order.actions.undo import Before, lock_unchanged
from orders.order.models.order import Order, OrderLine
from orders.order.models.timeline import Decision
from orders.order.queries import lacking
from orders.order.states import OPEN, ORDER
from orders.routing.actions.promises import revise_promise
from orders.routing.actions.units import give_back_units
from orders.routing.queries import free_units, warehouses

HIGHEST = 9


ORDERS_AT_ONCE = 200


@transaction.atomic(savepoint=False)
def prioritise_order(*, order_id: int, priority: int, by: Actor, now: datetime) -> Order:
    """Set an order's priority in shortages: 9 first, -9 last, 0 as customer and channel have it.

    What is free meanwhile is given out anew. Raises Invalid, IllegalTransition where it is not open.
    """
    require(by, "orders.allocate")
    if not -HIGHEST <= priority <= HIGHEST:
        raise Invalid(_("A priority is between -9 and 9."))
    order = lock_order(order_id, by)
    ORDER.next_state(order.status, "edit")
    if order.priority == priority:
        return order
    order.priority, order.updated_at = priority, now
    order.save(update_fields=["priority", "updated_at"])
    append_event(order_id=order.pk, kind="prioritised", by=by, now=now, data={"priority": priority})
    if missing := lacking(order.pk):
        record_event(
            "stock.arrived",
            subject=f"order:{order.pk}",
            channel_id=None,
            sku_ids=sorted(missing),
        )
    return order


@transaction.atomic(savepoint=False)
def undo_priority(*, order_id: int, done: Done[Before], by: Actor, now: datetime) -> Order:
    """Give an order the priority that it had; raises Conflict where somebody has set another since."""
    lock_unchanged(order_id, "priority", done.arguments)
    return prioritise_order(order_id=order_id, priority=done.before["priority"], by=by, now=now)


@transaction.atomic(savepoint=False)
def allocate_first(*, order_id: int, by: Actor, now: datetime) -> int:
    """Reallocate missing units to an order from lower-priority orders not yet started.

    Those lose the units, wait for goods in their place in the queue, and say so on their timelines. An order that
    has no priority yet gets the highest. Returns the units given.
    Raises Conflict where nobody has any, ChooseAgain where somebody was quicker.
    """
    require(by, "orders.allocate")
    missing = lacking(order_id)
    rank = _rank(order_id)
    provisional = allocation_decisions.take_from(missing, rank, _holders(missing, rank, order_id))
    donors = sorted({take.order_id for take in provisional})[:ORDERS_AT_ONCE]
    for pk in sorted({order_id, *donors}):
        lock_order(pk, by if pk == order_id else None)
    target = Order.objects.get(pk=order_id)
    if target.priority == 0:
        target = prioritise_order(order_id=order_id, priority=rank, by=by, now=now)
    missing = lacking(order_id)
    lock_skus(sorted(missing))
    taken = allocation_decisions.take_from(missing, rank, _holders(missing, rank, order_id, donors))
    if sum(t.units for t in taken) < sum(t.units for t in provisional):
        raise ChooseAgain("who was to give goods up has none any more")
    if not taken:
        raise Conflict(_("No lower-priority order has the missing stock."))
    _give_up(taken, target, by, now)
    given = give_goods(
        fills=allocation_decisions.fill(
            list(waiting_lines(sorted(missing), [order_id])),
            free=free_units(sku_ids=missing),
            warehouses=warehouses(),
        ),
        by=by,
        now=now,
    )
    _note_decision(target, missing, taken, now)
    channels = dict(Order.objects.filter(pk__in=donors).values_list("pk", "channel_id"))
    for pk in donors:
        record_event("order.short", subject=f"order:{pk}", channel_id=channels[pk], order_id=pk)
        revise_promise(order_id=pk, cause="goods_given_up", by=by, now=now)
    record_event(
        "stock.arrived", subject=f"order:{order_id}", channel_id=None, sku_ids=sorted(missing)
    )
    return given


def _give_up(taken: Sequence[Take], target: Order, by: Actor, now: datetime) -> None:
    """Let lines of other orders give their units back and wait for others; these orders and the SKUs are locked."""
    rows = {line.pk: line for line in OrderLine.objects.filter(pk__in=[t.line_id for t in taken])}
    give_back_units(units=[(rows[take.line_id], take.units) for take in taken])
    for take in taken:
        line = rows[take.line_id]
        line.quantity_backordered += take.units
        line.save(update_fields=["quantity_reserved", "quantity_backordered"])
        append_event(
            order_id=take.order_id,
            kind="stock.given_up",
            by=by,
            now=now,
            data={"sku": take.sku, "quantity": take.units, "order": target.number},
        )


def _note_decision(
    target: Order, missing: Mapping[int, int], taken: Sequence[Take], now: datetime
) -> None:
    Decision.objects.create(
        order=target,
        kind="backorder",
        engine=allocation_decisions.ENGINE,
        inputs={"missing": [list(x) for x in missing.items()]},
        outcome={"taken": [{"line": t.line_id, "sku": t.sku, "quantity": t.units} for t in taken]},
        reasons=[why for t in taken for why in t.reasons],
        at=now,
    )


def _rank(order_id: int) -> int:
    """An order's own priority; the highest where it has none."""
    own = find_one(Order.objects.filter(pk=order_id).values_list("priority", flat=True))
    return own or HIGHEST


def _holders(
    missing: Mapping[int, int], rank: int, order_id: int, only: list[int] | None = None
) -> list[Holder]:
    """Lines of other orders that have units of these SKUs as they are (not in bundles) and have not been begun with.

    Of lower rank, the last in the queue first; of each SKU no more lines than units are missing: each has one.
    """
    held = Reservation.objects.filter(
        holder_kind="order_line", holder_id=OuterRef("pk"), status="committed"
    )
    lines = (
        OrderLine.objects.filter(
            Exists(held),
            quantity_reserved__gt=0,
            order__status__in=OPEN,
            order__fulfillment_status="unfulfilled",
            order__is_history=False,
            parts=None,
        )
        .exclude(order=order_id)
        .annotate(rank=RANK)
        .filter(rank__lt=rank)
        .order_by(*QUEUE)
        .reverse()
    )
    if only is not None:
        lines = lines.filter(order__in=only)
    return [
        Holder(*row)
        for sku_id, units in missing.items()
        for row in lines.filter(sku_id=sku_id).values_list(
            "pk",
            "order_id",
            "sku_id",
            "sku_code",
            "order__number",
            "quantity_reserved",
            "rank",
            "order__ship_by",
            "order__placed_at",
        )[:units]
    ]
