"""Finishes the demo's old orders in sets: shipped, delivered, paid."""

import random
from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from erp.access.models import Actor
from fulfillment.carriers.builtin import s10_number
from fulfillment.models import (
    FulfillmentLine,
    FulfillmentOrder,
    Parcel,
    ParcelLine,
    TrackingEvent,
)
from inventory.models import Place, Reservation, StockMovement
from inventory.stock.actions.ledger import place_id
from orders.models import Order, OrderEvent, OrderLine, Payment
from orders.order.actions.timeline import derive_axes


@transaction.atomic(savepoint=False)
def finish_orders(
    *, since: datetime, until: datetime, by: Actor, rng: random.Random, now: datetime
) -> int:
    """Ship, track and deliver every confirmed order placed in a period, in one transaction."""
    rows = (
        Order.objects.filter(
            placed_at__gte=since,
            placed_at__lte=until,
            status="confirmed",
            fulfillment_status="unfulfilled",
        )
        .order_by("pk")
        .select_for_update()
    )
    found = {order.pk: order for order in rows}
    lines = {
        line.pk: line
        for line in OrderLine.objects.filter(order_id__in=found, is_service=False).order_by("pk")
    }
    whole = {
        line.order_id for line in lines.values() if line.quantity_reserved < line.quantity_ordered
    }
    for pk in whole:  # a part is on backorder: it waits, as it would
        found.pop(pk, None)
    reserved = _reserved(found, lines)
    shipped_at = {
        pk: min(
            o.placed_at + timedelta(hours=rng.uniform(4, 40)),
            o.ship_by + timedelta(hours=rng.choice((-2, -1, -3, 9))),
        )
        if o.ship_by
        else o.placed_at
        for pk, o in found.items()
    }
    shipped_at = {
        pk: max(at, found[pk].placed_at + timedelta(hours=1)) for pk, at in shipped_at.items()
    }
    _ship(reserved, found, lines, shipped_at, by)
    _deliver(found, shipped_at, rng, by)
    derive_axes(sorted(found), now)
    for order in found.values():
        Order.objects.filter(pk=order.pk).update(
            status="completed" if order.payment_status == "paid" else "confirmed",
            shipped_at=shipped_at[order.pk],
            delivered_at=order.delivered_at,
            ended_at=order.delivered_at if order.payment_status == "paid" else None,
            updated_at=order.delivered_at,
        )
    return len(found)


def _reserved(
    found: dict[int, Order], lines: dict[int, OrderLine]
) -> dict[tuple[int, int], list[Reservation]]:
    """What is reserved for these orders, by (order id, warehouse id)."""
    reserved: dict[tuple[int, int], list[Reservation]] = defaultdict(list)
    for row in Reservation.objects.filter(
        holder_kind="order_line", holder_id__in=lines, status="committed"
    ).order_by("pk"):
        order_id = lines[row.holder_id].order_id
        if order_id in found:
            reserved[order_id, row.warehouse_id].append(row)
    return reserved


def _ship(
    reserved: dict[tuple[int, int], list[Reservation]],
    found: dict[int, Order],
    lines: dict[int, OrderLine],
    shipped_at: dict[int, datetime],
    by: Actor,
) -> None:
    work, work_lines = _work(reserved, found, shipped_at)
    parcels = _parcels(work, work_lines, found)
    Reservation.objects.filter(pk__in=[r.pk for rows in reserved.values() for r in rows]).update(
        status="consumed"
    )
    _move_out(work, work_lines, parcels, by)
    OrderLine.objects.filter(order_id__in=found, is_service=False).update(
        quantity_shipped=F("quantity_reserved"),
        quantity_delivered=F("quantity_reserved"),
        quantity_reserved=0,
    )
    OrderEvent.objects.bulk_create(
        OrderEvent(
            order_id=parcel.order_id,
            kind="shipment.shipped",
            by=by,
            at=parcel.shipped_at or parcel.packed_at,
            data={"parcel": parcel.pk, "tracking_number": parcel.tracking_number},
        )
        for parcel in parcels
    )


def _work(
    reserved: dict[tuple[int, int], list[Reservation]],
    found: dict[int, Order],
    shipped_at: dict[int, datetime],
) -> tuple[list[FulfillmentOrder], list[FulfillmentLine]]:
    """The work of warehouses, done, with its lines: one for each order and warehouse."""
    keys = sorted(reserved)
    work = FulfillmentOrder.objects.bulk_create(
        FulfillmentOrder(
            order_id=order_id,
            warehouse_id=warehouse_id,
            status="shipped",
            ship_by=found[order_id].ship_by,
            created_at=found[order_id].placed_at,
            picked_at=shipped_at[order_id] - timedelta(minutes=50),
            packed_at=shipped_at[order_id] - timedelta(minutes=30),
            shipped_at=shipped_at[order_id],
        )
        for order_id, warehouse_id in keys
    )
    work_lines = FulfillmentLine.objects.bulk_create(
        FulfillmentLine(
            fulfillment_order=w,
            order_line_id=r.holder_id,
            sku_id=r.sku_id,
            quantity=r.quantity,
            quantity_picked=r.quantity,
            quantity_packed=r.quantity,
            quantity_shipped=r.quantity,
        )
        for w, key in zip(work, keys, strict=True)
        for r in reserved[key]
    )
    return work, work_lines


def _parcels(
    work: list[FulfillmentOrder], work_lines: list[FulfillmentLine], found: dict[int, Order]
) -> list[Parcel]:
    """A parcel for each piece of work, with all of it inside."""
    parcels = Parcel.objects.bulk_create(
        Parcel(
            order_id=w.order_id,
            fulfillment_order=w,
            status="shipped",
            carrier="throughline",
            service=found[w.order_id].shipping_service,
            tracking_number=s10_number(10_000_000 + w.pk),
            packed_at=w.packed_at or w.created_at,
            shipped_at=w.shipped_at or w.created_at,
            weight_expected_g=500,
        )
        for w in work
    )
    parcel_of = {parcel.fulfillment_order_id: parcel for parcel in parcels}
    ParcelLine.objects.bulk_create(
        ParcelLine(
            parcel=parcel_of[line.fulfillment_order_id],
            fulfillment_line=line,
            order_line_id=line.order_line_id,
            quantity=line.quantity,
        )
        for line in work_lines
    )
    return parcels


def _move_out(
    work: list[FulfillmentOrder],
    work_lines: list[FulfillmentLine],
    parcels: list[Parcel],
    by: Actor,
) -> None:
    """Post what left the bins for customers."""
    parcel_of = {parcel.fulfillment_order_id: parcel for parcel in parcels}
    customer = place_id(Place.Kind.CUSTOMER)
    bins = {w.warehouse_id: place_id(Place.Kind.BIN, w.warehouse_id) for w in work}
    StockMovement.objects.bulk_create(
        StockMovement(
            sku_id=line.sku_id,
            quantity=line.quantity,
            from_place_id=bins[w.warehouse_id],
            to_place_id=customer,
            kind="ship",
            cause_type="shipment",
            cause_id=str(parcel_of[w.pk].pk),
            cause_line=str(line.order_line_id),
            by=by,
            at=w.shipped_at or w.created_at,
        )
        for w in work
        for line in work_lines
        if line.fulfillment_order_id == w.pk
    )


def _deliver(
    found: dict[int, Order], shipped_at: dict[int, datetime], rng: random.Random, by: Actor
) -> None:
    parcels = list(Parcel.objects.filter(order_id__in=found).order_by("pk"))
    scans = []
    for parcel in parcels:
        start = shipped_at[parcel.order_id]
        days = rng.choice((1, 2, 2, 3, 3, 4, 6))
        arrived = start + timedelta(days=days, hours=rng.uniform(-6, 6))
        parcel.status, parcel.delivered_at = (
            "delivered",
            max(arrived, start + timedelta(hours=5)),
        )
        order = found[parcel.order_id]
        order.delivered_at = max(order.delivered_at or parcel.delivered_at, parcel.delivered_at)
        scans += [
            TrackingEvent(
                parcel=parcel,
                external_id="1",
                state="in_transit",
                place="Hangzhou",
                at=start + timedelta(hours=2),
            ),
            TrackingEvent(
                parcel=parcel,
                external_id="2",
                state="out_for_delivery",
                at=parcel.delivered_at - timedelta(hours=2),
            ),
            TrackingEvent(
                parcel=parcel, external_id="3", state="delivered", at=parcel.delivered_at
            ),
        ]
    Parcel.objects.bulk_update(parcels, ["status", "delivered_at"])
    TrackingEvent.objects.bulk_create(scans)
    OrderEvent.objects.bulk_create(
        OrderEvent(
            order_id=p.order_id,
            kind="shipment.delivered",
            by=by,
            at=p.delivered_at or p.packed_at,
            data={"parcel": p.pk, "tracking_number": p.tracking_number},
        )
        for p in parcels
    )
    cod = [o for o in found.values() if o.payment_method in {"cod", "on_account"}]
    for order in cod:  # collected at the door, or settled with the month's invoice
        if rng.random() < 0.9:
            order.payment_status = "paid"
            _collect(order, by)


def _collect(order: Order, by: Actor) -> None:
    from orders.models import PaymentEvent

    at = order.delivered_at or order.placed_at
    payment = Payment.objects.create(
        order=order,
        method=order.payment_method,
        reference=f"door-{order.pk}",
        currency=order.currency,
        authorised=order.total,
        captured=order.total,
        created_at=at,
    )
    PaymentEvent.objects.bulk_create(
        PaymentEvent(
            payment=payment,
            channel_id=order.channel_id,
            kind=kind,
            reference=payment.reference,
            amount=order.total,
            by=by,
            at=at,
        )
        for kind in ("authorise", "capture")
    )
