"""Re-routes an order to another warehouse, by hand or when one is inactive."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from msgspec import to_builtins

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid
from erp.events.record import record_event
from erp.reasons import reason as coded
from inventory.models import Reservation, Warehouse
from inventory.stock.actions.ledger import OutOfStock, lock_skus
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Order, OrderAddress, OrderLine
from orders.order.models.timeline import Decision
from orders.order.queries import made_of
from orders.order.states import OPEN, ORDER
from orders.routing.actions.units import give_back_units, reserve_shares
from orders.routing.decisions import warehouse as decisions_warehouse
from orders.routing.models.warehouses import SkuHome
from orders.routing.queries import free_units


@transaction.atomic(savepoint=False)
def reroute_order(
    *, order_id: int, warehouse: str = "", reason: str, by: Actor, now: datetime
) -> Order:
    """Re-route an order to a named warehouse, or (none named) to where routing finds its goods.

    What is reserved is given back and reserved anew in one step. Raises Invalid for an unknown warehouse,
    OutOfStock where units that are reserved now would be short, Conflict where the warehouse has begun.
    """
    require(by, "orders.edit")
    if not reason.strip():
        raise Invalid(_("Enter a reason."))
    order = lock_order(order_id, by)
    ORDER.next_state(order.status, "edit")
    if order.fulfillment_status != "unfulfilled":
        raise Conflict(_("The warehouse has started this order."))
    known = list(Warehouse.objects.filter(is_active=True).order_by("priority", "pk"))
    chosen = [w for w in known if w.code == warehouse] if warehouse else known
    if not chosen:
        raise Invalid(_("There is no such warehouse."))
    lines = list(
        OrderLine.objects.filter(order=order, is_service=False)
        .exclude(sku=None)
        .order_by("position")
    )
    before = {line.pk: line.quantity_reserved for line in lines}
    route = _again(order, lines, chosen)
    worse = _worse(lines, route, before)
    if worse and warehouse:
        raise OutOfStock(worse)
    reserve_shares(lines=lines, route=route)
    for line in lines:
        line.save(update_fields=["quantity_reserved", "quantity_backordered"])
    said, reasons = reason.strip()[:200], [*route.reasons]
    if warehouse:
        reasons.insert(0, coded("by_hand", warehouse=warehouse, by=by.name, why=said))
    _note_decision(order, route, warehouse, reasons, now)
    order.updated_at = now
    order.save(update_fields=["updated_at"])
    append_event(
        order_id=order.pk,
        kind="rerouted",
        by=by,
        now=now,
        data={"warehouses": ", ".join(route.warehouses) or "–", "reason": said},
    )
    for topic in ("order.short", "order.allocated"):
        record_event(
            topic, subject=f"order:{order.pk}", channel_id=order.channel_id, order_id=order.pk
        )
    return order


def _worse(
    lines: Sequence[OrderLine], route: decisions_warehouse.Route, before: Mapping[int, int]
) -> dict[str, int]:
    """Units by SKU code that were reserved and would be short by this route."""
    missing = {
        line.sku_code: route.backordered.get(n, 0) - (line.quantity_backordered - before[line.pk])
        for n, line in enumerate(lines)
    }
    return {code: units for code, units in missing.items() if units > 0}


def _note_decision(
    order: Order,
    route: decisions_warehouse.Route,
    warehouse: str,
    reasons: Sequence[Mapping[str, object]],
    now: datetime,
) -> None:
    Decision.objects.create(
        order=order,
        kind="routing",
        engine=decisions_warehouse.ENGINE,
        inputs={"asked": _plain(route.asked), "by_hand": warehouse},
        candidates=route.candidates,
        outcome={"warehouses": route.warehouses, "short": route.short},
        reasons=reasons,
        counterfactual=route.counterfactual,
        at=now,
    )


def _plain(asked: decisions_warehouse.Asked | None) -> object:
    return to_builtins(asked, str_keys=True)


def _again(
    order: Order, lines: Sequence[OrderLine], warehouses: Sequence[Warehouse]
) -> decisions_warehouse.Route:
    """Give everything back, with the levels locked, and find it anew; lines then count all of it as waiting."""
    parts = made_of({line.pk: line.sku_id for line in lines})
    skus = sorted({part for made in parts.values() for part, _each in made})
    lock_skus(skus)
    reserved = [(line, line.quantity_reserved) for line in lines]
    give_back_units(units=reserved)
    for line, units in reserved:
        line.quantity_backordered += units
    at = OrderAddress.objects.filter(order=order, kind="shipping").first()
    homes: dict[int, tuple[int, ...]] = {}
    for sku, home in SkuHome.objects.filter(sku__in=[line.sku_id for line in lines]).values_list(
        "sku_id", "warehouse_id"
    ):
        homes[sku] = (*homes.get(sku, ()), home)
    wanted = [
        decisions_warehouse.Wanted(
            n,
            line.sku_id or 0,
            line.sku_code,
            line.quantity_backordered,
            tuple(parts[line.pk]),
            homes.get(line.sku_id or 0, ()) if len(warehouses) > 1 else (),
        )
        for n, line in enumerate(lines)
    ]
    ids = {w.pk for w in warehouses}
    free = [(s, w, n) for (s, w), n in free_units(sku_ids=skus).items() if w in ids]
    facts = [
        decisions_warehouse.WarehouseFacts(w.pk, w.code, w.country, w.priority, w.region)
        for w in warehouses
    ]
    return decisions_warehouse.again(
        decisions_warehouse.Asked(
            wanted, facts, free, at.country if at else order.country, at.region if at else ""
        )
    )


def stranded_orders(*, limit: int = 200) -> list[int]:
    """Return ids of open, unstarted orders whose goods are reserved in an inactive warehouse."""
    out = list(Warehouse.objects.filter(is_active=False).values_list("pk", flat=True))
    if not out:
        return []
    lines = Reservation.objects.filter(
        warehouse__in=out, holder_kind="order_line", status="committed"
    ).values_list("holder_id", flat=True)
    rows = OrderLine.objects.filter(
        pk__in=lines, order__status__in=OPEN, order__fulfillment_status="unfulfilled"
    )
    return sorted(set(rows.order_by("order_id").values_list("order_id", flat=True)[: limit * 5]))[
        :limit
    ]
