"""Updates an order's lines as upper apps report: shipped, delivered, returned, refunded."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F

from erp.access.models import Actor
from erp.counters import add_units
from erp.events.record import record_event
from orders.order.actions.timeline import append_event, derive_axes
from orders.order.models.order import Order, OrderLine
from orders.order.states import FulfillmentStatus, OrderStatus, ReturnStatus


@transaction.atomic(savepoint=False)
def record_in_progress(*, order: Order, now: datetime) -> None:
    """Note on a locked order that the warehouse has begun with it."""
    if order.fulfillment_status == FulfillmentStatus.UNFULFILLED:
        order.fulfillment_status = FulfillmentStatus.IN_PROGRESS
        order.updated_at = now
        order.save(update_fields=["fulfillment_status", "updated_at"])


@transaction.atomic(savepoint=False)
def record_shipped(*, order: Order, units: Mapping[int, int], now: datetime) -> Order:
    """Count units that left, by line id, on a locked order, and derive its axes."""
    add_units(OrderLine, units, quantity_shipped=+1, quantity_reserved=-1)
    derive_axes([order.pk], now)
    order.refresh_from_db()
    if order.fulfillment_status == FulfillmentStatus.FULFILLED:
        order.shipped_at = now
        order.save(update_fields=["shipped_at"])
    return order


@transaction.atomic(savepoint=False)
def record_delivered(
    *, order: Order, units: Mapping[int, int], at: datetime, by: Actor, now: datetime
) -> Order:
    """Count units that arrived, by line id; complete the order when all of it has.

    at   when the last of its parcels arrived, as its carrier says
    """
    add_units(OrderLine, units, quantity_delivered=+1)
    derive_axes([order.pk], now)
    order.refresh_from_db()
    finish_if_delivered(order=order, at=at, by=by, now=now)
    return order


@transaction.atomic(savepoint=False)
def finish_if_delivered(*, order: Order, at: datetime, by: Actor, now: datetime) -> None:
    """Note on a locked order that all of it has left, and has arrived by `at`, and complete it then."""
    whole = order.fulfillment_status == FulfillmentStatus.FULFILLED
    waiting = order.lines.filter(
        quantity_delivered__lt=F("quantity_shipped"), is_service=False
    ).exists()
    if whole and order.shipped_at is None and not order.is_history:
        order.shipped_at = now
        order.save(update_fields=["shipped_at"])
    if whole and not waiting and order.delivered_at != at:
        order.delivered_at = at
        order.save(update_fields=["delivered_at"])
        complete_if_finished(order=order, by=by, now=now)


@transaction.atomic(savepoint=False)
def record_undelivered(
    *, order: Order, units: Mapping[int, int], by: Actor, now: datetime
) -> Order:
    """Take back that units arrived, by line id: they are on their way to us. A completed order is open again."""
    add_units(OrderLine, units, quantity_delivered=-1)
    derive_axes([order.pk], now)
    order.refresh_from_db()
    order.delivered_at, order.updated_at = None, now
    fields = ["delivered_at", "updated_at"]
    if order.status == OrderStatus.COMPLETED:
        order.status, order.ended_at = OrderStatus.CONFIRMED, None
        fields += ["status", "ended_at"]
        append_event(order_id=order.pk, kind="reopened", by=by, now=now)
    order.save(update_fields=fields)
    return order


@transaction.atomic(savepoint=False)
def complete_if_finished(*, order: Order, by: Actor, now: datetime) -> bool:
    """Complete a locked order that was delivered whole and needs no more money."""
    paid = order.payment_status in {"paid", "part_refunded", "refunded"}
    if order.status != OrderStatus.CONFIRMED or order.delivered_at is None or not paid:
        return False
    order.status = OrderStatus.COMPLETED
    order.ended_at = order.updated_at = now
    order.save(update_fields=["status", "ended_at", "updated_at"])
    append_event(order_id=order.pk, kind="completed", by=by, now=now)
    record_event(
        "order.completed",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    return True


@transaction.atomic(savepoint=False)
def record_returned(*, order: Order, units: Mapping[int, int], now: datetime) -> None:
    """Count units that came back, by line id, on a locked order."""
    add_units(OrderLine, units, quantity_returned=+1)
    Order.objects.filter(pk=order.pk).update(updated_at=now)


@transaction.atomic(savepoint=False)
def record_refunded(*, order: Order, units: Mapping[int, int], now: datetime) -> None:
    """Count units whose price was given back, by line id, on a locked order."""
    add_units(OrderLine, units, quantity_refunded=+1)
    derive_axes([order.pk], now)
    order.refresh_from_db()


@transaction.atomic(savepoint=False)
def record_return_status(*, order: Order, status: ReturnStatus, now: datetime) -> None:
    """Store the return axis that returns has derived for a locked order."""
    if order.return_status != status:
        order.return_status = status
        order.updated_at = now
        order.save(update_fields=["return_status", "updated_at"])
