"""Revises promised dates when goods, routing or holds change."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time

from django.db import transaction
from django.db.models import Q
from msgspec import to_builtins

from erp.access.models import Actor
from erp.access.queries import require
from erp.events.record import record_event
from erp.zones import sound_zone
from inventory.models import Reservation, Warehouse
from inventory.purchasing.queries import arrivals
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Order, OrderLine
from orders.order.models.timeline import Decision
from orders.order.queries import lacking, waiting_for
from orders.order.states import OPEN
from orders.routing.calendar import is_working_day
from orders.routing.decisions import promise
from orders.routing.models.carriers import ShippingService
from orders.routing.models.warehouses import WarehouseDay

NOT_BEGUN = ("unfulfilled", "in_progress")


@transaction.atomic(savepoint=False)
def revise_promise(*, order_id: int, cause: str, by: Actor, now: datetime) -> bool:
    """Revise the promise of an open order from what is known now; return whether it changed.

    cause   why it was looked at: a code. The promises before are its decisions; each step is on its timeline.
    """
    require(by, "orders.allocate")
    order = lock_order(order_id)
    if order.status not in OPEN or order.fulfillment_status not in NOT_BEGUN or order.is_history:
        return False
    asked = _asked(order, now)
    if asked is None:
        return False
    # What can still be kept is kept: it is worked out from when it was placed, unless that has passed.
    for start in (order.placed_at, now):
        asked = replace(asked, placed_at=_not_before(order, start))
        made = promise.promise(asked, is_working_day=is_working_day)
        if made.ship_by > now:
            break
    new = (made.ship_by, made.deliver_from, made.deliver_by)
    was = (order.ship_by, order.deliver_from, order.deliver_by)
    if new == was:
        return False
    _note_decision(order, asked, made, cause, now)
    order.ship_by, order.deliver_from, order.deliver_by = new
    order.updated_at = now
    order.save(update_fields=["ship_by", "deliver_from", "deliver_by", "updated_at"])
    append_event(
        order_id=order.pk,
        kind="promise.revised",
        by=by,
        now=now,
        data={"was": str(was[2] or "–"), "deliver_by": str(new[2]), "reason": cause},
    )
    is_later = was[2] is not None and new[2] > was[2]
    record_event(
        "promise.revised",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
        is_later=is_later,
    )
    return True


def _note_decision(
    order: Order, asked: promise.Asked, made: promise.Promise, cause: str, now: datetime
) -> None:
    Decision.objects.create(
        order=order,
        kind="promise",
        engine=promise.ENGINE,
        at=now,
        reasons=made.reasons,
        counterfactual=made.counterfactual,
        inputs={"asked": to_builtins(asked), "service": order.shipping_service, "cause": cause},
        outcome={
            "ship_by": made.ship_by.isoformat(),
            "deliver_from": made.deliver_from.isoformat(),
            "deliver_by": made.deliver_by.isoformat(),
        },
    )


def _asked(order: Order, now: datetime) -> promise.Asked | None:
    service = ShippingService.objects.filter(
        code=order.shipping_service, currency=order.currency
    ).first()
    if service is None:
        return None
    lines = OrderLine.objects.filter(order=order).values_list("pk", flat=True)
    held = Reservation.objects.filter(
        holder_kind="order_line", holder_id__in=lines, status="committed"
    ).values_list("warehouse_id", flat=True)
    known = Warehouse.objects.filter(is_active=True).order_by("priority", "pk")
    senders = list(known.filter(pk__in=set(held))) or list(known[:1])
    if not senders:
        return None
    missing = lacking(order.pk)
    days = list(WarehouseDay.objects.filter(warehouse__in=senders, on__gte=now.date()))
    return promise.Asked(
        placed_at=now,
        senders=[
            promise.Sender(
                w.code,
                w.country,
                sound_zone(w.time_zone),
                w.cut_off,
                tuple(d.on for d in days if d.warehouse_id == w.pk and not d.is_working),
                tuple(d.on for d in days if d.warehouse_id == w.pk and d.is_working),
            )
            for w in senders
        ],
        transit_p50=service.transit_p50,
        transit_p90=service.transit_p90,
        backordered=bool(missing),
        goods_on=_goods_on(missing, order) if missing else None,
    )


def _not_before(order: Order, start: datetime) -> datetime:
    """When a promise begins to count: a pre-sale's on its day."""
    day = order.ship_not_before
    return start if day is None or day <= start.date() else datetime.combine(day, time(), UTC)


def _goods_on(missing: Mapping[int, int], order: Order) -> date | None:
    """The day on which enough of everything that is missing has come, once those before this order are served."""
    coming = {
        sku_id: [(date.fromisoformat(a.on) if a.on else None, a.units) for a in expected]
        for sku_id, expected in arrivals(list(missing)).items()
    }
    before = Q(order__placed_at__lt=order.placed_at)
    return promise.goods_on(missing, coming, waiting_for(list(missing), before))


@transaction.atomic(savepoint=False)
def learn_transit(
    *, code: str, currency: str, p50: int, p90: int, by: Actor, now: datetime
) -> bool:
    """Let a shipping service promise what its deliveries have taken, in working days; whether that changed it."""
    require(by, "orders.allocate")
    p50, p90 = max(1, p50), max(1, p50, p90)
    rows = ShippingService.objects.filter(code=code, currency=currency, learns_days=True)
    return bool(
        rows.exclude(transit_p50=p50, transit_p90=p90).update(transit_p50=p50, transit_p90=p90)
    )
