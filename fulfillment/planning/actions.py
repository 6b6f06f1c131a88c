"""Plans fulfillment orders for reserved units, and cancels them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict
from fulfillment.planning.models import FulfillmentLine, FulfillmentOrder, Parcel
from fulfillment.planning.states import FULFILLMENT_ORDER
from inventory.models import Reservation
from orders.models import Order, OrderLine
from orders.order.actions.timeline import lock_order, lock_orders
from orders.order.queries import made_of
from orders.routing.actions.carriers import match_carrier

OPEN = ("planned", "released", "picking", "picked", "packed")


@transaction.atomic(savepoint=False)
def plan_order(*, order_id: int, by: Actor, now: datetime) -> list[FulfillmentOrder]:
    """Make one fulfillment order per warehouse for what is reserved and not yet planned.

    An order with an open hold is planned but not released; planning again adds nothing, and releases what was
    planned before once no hold is open. Raises Conflict unless the order is confirmed.
    """
    require(by, "fulfillment.plan")
    order = lock_order(order_id)
    if order.status != "confirmed":
        raise Conflict(_("Only confirmed orders are released to the warehouse."))
    return plan_locked([order], now)


@transaction.atomic(savepoint=False)
def plan_confirmed(*, order_ids: Sequence[int], by: Actor, now: datetime) -> list[FulfillmentOrder]:
    """Find the carriers of some orders and plan them, in one set; those that are cancelled by now are passed over."""
    require(by, "fulfillment.plan")
    confirmed = [order for order in lock_orders(order_ids) if order.status == "confirmed"]
    for order in confirmed:
        match_carrier(order_id=order.pk, by=by, now=now)
    return plan_locked(confirmed, now)


def plan_locked(orders: Sequence[Order], now: datetime) -> list[FulfillmentOrder]:
    """Plan orders that the caller has locked: by a few statements, however many they are."""
    lines = {line.pk: line for line in OrderLine.objects.filter(order__in=orders).order_by("pk")}
    planned = _planned_units(orders)
    free = {order.pk for order in orders if not order.open_holds}
    _release_planned([lines[line].order_id for line, _warehouse in planned], free)
    missing: dict[tuple[int, int], dict[int, int]] = {}
    for warehouse_id, units in _reserved_units(lines).items():
        for pk, quantity in units.items():
            left = quantity - planned.get((pk, warehouse_id), 0)
            if left > 0:
                missing.setdefault((lines[pk].order_id, warehouse_id), {})[pk] = left
    by_id = {order.pk: order for order in orders}
    made = FulfillmentOrder.objects.bulk_create(
        FulfillmentOrder(
            order=by_id[order_id],
            warehouse_id=warehouse_id,
            status="released" if order_id in free else "planned",
            ship_by=by_id[order_id].ship_by,
            created_at=now,
        )
        for order_id, warehouse_id in sorted(missing)
    )
    FulfillmentLine.objects.bulk_create(
        FulfillmentLine(
            fulfillment_order=work,
            order_line_id=pk,
            sku_id=lines[pk].sku_id or 0,  # what is reserved has one (line_without_sku_stays)
            quantity=quantity,
        )
        for work in made
        for pk, quantity in sorted(missing[work.order_id, work.warehouse_id].items())
    )
    return made


def _planned_units(orders: Sequence[Order]) -> dict[tuple[int, int], int]:
    """Units that the warehouse has as work and has not shipped, by order line and warehouse."""
    rows = (
        FulfillmentLine.objects.filter(
            fulfillment_order__order__in=orders, fulfillment_order__status__in=OPEN
        )
        .values("order_line", "fulfillment_order__warehouse")
        .annotate(units=Sum("quantity") - Sum("quantity_shipped"))
    )
    return {(row["order_line"], row["fulfillment_order__warehouse"]): row["units"] for row in rows}


def _reserved_units(lines: Mapping[int, OrderLine]) -> dict[int, dict[int, int]]:
    """Units reserved by warehouse and line; of a bundle, as many as its parts make up."""
    reserved: dict[int, dict[int, dict[int, int]]] = {}
    for row in Reservation.objects.filter(
        holder_kind="order_line", holder_id__in=lines, status="committed"
    ).order_by("warehouse_id", "holder_id"):
        units = reserved.setdefault(row.warehouse_id, {}).setdefault(row.holder_id, {})
        units[row.sku_id] = units.get(row.sku_id, 0) + row.quantity
    if not reserved:
        return {}
    parts = made_of({pk: line.sku_id for pk, line in lines.items()})
    return {
        warehouse: {
            line: min(units.get(sku, 0) // each for sku, each in parts[line])
            for line, units in of_lines.items()
        }
        for warehouse, of_lines in reserved.items()
    }


def _release_planned(planned: Collection[int], free: Collection[int]) -> None:
    """Let the warehouse begin with what was planned of locked orders while they were on hold, and no longer are.

    planned, free   ids of orders: those that have work, and those without a hold
    """
    ids = set(planned) & set(free)
    if not ids:
        return
    for work in FulfillmentOrder.objects.filter(order__in=ids, status="planned").order_by("pk"):
        work.status = FULFILLMENT_ORDER.next_state(work.status, "release")
        work.save(update_fields=["status"])


@transaction.atomic(savepoint=False)
def cancel_open_work(*, order_id: int, by: Actor, now: datetime) -> int:
    """Cancel everything of an order that has not shipped; return how much work that was."""
    require(by, "fulfillment.cancel")
    lock_order(order_id)
    open_work = FulfillmentOrder.objects.filter(order_id=order_id, status__in=OPEN)
    ids = list(open_work.order_by("pk").select_for_update().values_list("pk", flat=True))
    Parcel.objects.filter(fulfillment_order__in=ids, status="packed").update(status="cancelled")
    for work in FulfillmentOrder.objects.filter(pk__in=ids).order_by("pk"):
        work.status = FULFILLMENT_ORDER.next_state(work.status, "cancel")
        work.version += 1
        work.save(update_fields=["status", "version"])
    return len(ids)


@transaction.atomic(savepoint=False)
def cut_short_work(*, order_id: int, by: Actor, now: datetime) -> int:
    """Cancel work planned for more units than are reserved, and plan the rest again.

    A parcel packed with goods that are no longer promised is opened again. Returns how much work
    was called off.
    """
    require(by, "fulfillment.plan")
    order = lock_order(order_id)
    lines = {line.pk: line for line in OrderLine.objects.filter(order=order)}
    reserved = _reserved_units(lines)
    cut = 0
    for work in FulfillmentOrder.objects.filter(order=order, status__in=OPEN).order_by("pk"):
        there = reserved.get(work.warehouse_id, {})
        wanted: dict[int, int] = {}
        for line in work.lines.all():
            left = line.quantity - line.quantity_shipped
            wanted[line.order_line_id] = wanted.get(line.order_line_id, 0) + left
        if all(units <= there.get(pk, 0) for pk, units in wanted.items()):
            continue
        Parcel.objects.filter(fulfillment_order=work, status="packed").update(status="cancelled")
        work.status = FULFILLMENT_ORDER.next_state(work.status, "cancel")
        work.version += 1
        work.save(update_fields=["status", "version"])
        cut += 1
    if cut and order.status == "confirmed":
        plan_locked([order], now)
    return cut
