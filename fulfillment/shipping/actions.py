"""Ships parcels in one transaction, from the reservation to the event."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Subquery
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.counters import add_units
from erp.errors import Conflict, FieldError, Invalid
from erp.events.record import record_event
from erp.queries import find_one
from erp.zones import sound_zone
from fulfillment.packing.actions import pack_parcel
from fulfillment.picking.actions import lock_work, pick_order, refuse_if_stopped
from fulfillment.planning.actions import plan_locked
from fulfillment.planning.models import FulfillmentLine, FulfillmentOrder, Parcel, ParcelLine
from fulfillment.planning.states import FULFILLMENT_ORDER
from fulfillment.shipping.decisions import may_reuse
from fulfillment.shipping.numbers import EARLIER_SHARE, clean_number, number_key, share_number
from inventory.models import Warehouse
from inventory.stock.actions.ship import Departure, ship_stock
from inventory.stock.decisions import local_day
from orders.models import Customer
from orders.order.actions.progress import record_shipped
from orders.order.actions.timeline import append_event, lock_order
from orders.order.queries import made_of

LONGEST_CARRIER = 40


@transaction.atomic(savepoint=False)
def ship_parcel(*, parcel_id: int, by: Actor, now: datetime) -> Parcel:
    """Hand a packed parcel to its carrier.

    Its units leave the ledger, their reservations are consumed, the order's counters and
    axes follow, the customer hears of it by event. Raises OrderStopped after a cancel or
    hold, Conflict when it has already left.
    """
    require(by, "fulfillment.ship")
    found = find_one(Parcel.objects.filter(pk=parcel_id).values("fulfillment_order_id"))
    work, order = lock_work(found["fulfillment_order_id"])
    parcel = Parcel.objects.select_for_update().get(pk=parcel_id)
    if parcel.status != "packed":
        raise Conflict(_("This parcel has already shipped or was cancelled."))
    contents = list(parcel.lines.select_related("fulfillment_line").order_by("order_line_id"))
    ship_stock(
        warehouse_id=work.warehouse_id,
        departures=_departures(contents, order.customer_id, work.warehouse_id, now),
        cause=str(parcel.pk),
        by=by,
        now=now,
    )
    parcel.status, parcel.shipped_at = "shipped", now
    parcel.save(update_fields=["status", "shipped_at"])
    add_units(
        FulfillmentLine,
        {line.fulfillment_line_id: line.quantity for line in contents},
        quantity_shipped=+1,
    )
    _end_if_whole(work, now)
    record_shipped(
        order=order, units={line.order_line_id: line.quantity for line in contents}, now=now
    )
    append_event(
        order_id=order.pk,
        kind="shipment.shipped",
        by=by,
        now=now,
        data={"parcel": parcel.pk, "tracking_number": parcel.tracking_number},
    )
    record_event(
        "shipment.shipped",
        subject=f"parcel:{parcel.pk}",
        channel_id=order.channel_id,
        parcel_id=parcel.pk,
        order_id=order.pk,
    )
    return parcel


def _end_if_whole(work: FulfillmentOrder, now: datetime) -> None:
    if not work.lines.filter(quantity_shipped__lt=F("quantity")).exists():
        work.status = FULFILLMENT_ORDER.next_state(work.status, "ship")
        work.shipped_at = now
        work.save(update_fields=["status", "shipped_at"])


def _departures(
    contents: Sequence[ParcelLine], customer_id: int, warehouse_id: int, now: datetime
) -> list[Departure]:
    """What leaves the shelf: of a bundle its parts, each fresh as long as the customer keeps goods."""
    parts = made_of({line.order_line_id: line.fulfillment_line.sku_id for line in contents})
    zone = Warehouse.objects.filter(pk=warehouse_id).values("time_zone")
    customers = Customer.objects.filter(pk=customer_id).annotate(zone=Subquery(zone))
    keeps, time_zone = customers.values_list("min_shelf_life_days", "zone").get()
    # A lot is never sold on its last day or after it, however short the customer's own shelf life.
    good_until = local_day(now, sound_zone(time_zone)) + timedelta(days=max(keeps or 0, 1))
    return [
        Departure(line.order_line_id, sku_id, line.quantity * each, good_until)
        for line in contents
        for sku_id, each in parts[line.order_line_id]
    ]


@transaction.atomic(savepoint=False)
def ship_order(
    *,
    order_id: int,
    units: Mapping[int, int] | None = None,
    tracking_number: str = "",
    carrier: str = "",
    weight_g: int | None = None,
    by: Actor,
    now: datetime,
) -> list[Parcel]:
    """Pick, pack and ship in one go, for warehouses that report only what has left.

    units             units by order line id, None for everything reserved
    tracking_number   the carrier's, where it made one; ours otherwise
    One parcel per warehouse. Raises Invalid when nothing, or more than is reserved, is named, and
    for a number that cannot be one.
    """
    require(by, "fulfillment.ship")
    tracking_number = clean_number(tracking_number)
    if len(carrier) > LONGEST_CARRIER:
        detail = _("A carrier's name has at most %(most)s characters.") % {"most": LONGEST_CARRIER}
        raise Invalid(errors=[FieldError("/carrier", "too-long", detail)])
    order = lock_order(order_id)
    refuse_if_stopped(order)
    if order.status == "confirmed":
        plan_locked([order], now)
    wanted = None if units is None else dict(units)
    parcels: list[Parcel] = []
    work_ids = FulfillmentOrder.objects.filter(
        order_id=order_id, status__in=("planned", "released", "picking", "picked", "packed")
    )
    for work in work_ids.order_by("pk"):
        lock_work(work.pk)
        share = _share(work, wanted)
        if not share:
            continue
        if work.status == "planned":
            work.status = FULFILLMENT_ORDER.next_state(work.status, "release")
            work.save(update_fields=["status"])
        number = share_number(tracking_number, len(parcels) + 1) if parcels else tracking_number
        parcel = _packed_share(work, share, weight_g, by, now)
        _name(parcel, number if tracking_number else "", carrier, now)
        parcels.append(ship_parcel(parcel_id=parcel.pk, by=by, now=now))
    if not parcels or (wanted is not None and any(wanted.values())):
        raise Invalid(_("Not enough of this order is ready to ship."))
    return parcels


def _share(work: FulfillmentOrder, wanted: dict[int, int] | None) -> dict[int, int]:
    """Units by fulfillment line that this work can contribute; lowers `wanted`."""
    share = {}
    for line in work.lines.order_by("pk"):
        left = line.quantity - line.quantity_shipped
        take = left if wanted is None else min(left, wanted.get(line.order_line_id, 0))
        if take > 0:
            share[line.pk] = take
            if wanted is not None:
                wanted[line.order_line_id] -= take
    return share


def _packed_share(
    work: FulfillmentOrder,
    share: dict[int, int],
    weight_g: int | None,
    by: Actor,
    now: datetime,
) -> Parcel:
    packed = Parcel.objects.filter(fulfillment_order=work, status="packed")
    for parcel in packed:
        held = {line.fulfillment_line_id: line.quantity for line in parcel.lines.all()}
        if held == share:
            return parcel
    if work.status in {"released", "picking"}:
        pick_order(fulfillment_order_id=work.pk, by=by, now=now)
    return pack_parcel(fulfillment_order_id=work.pk, units=share, weight_g=weight_g, by=by, now=now)


def _name(parcel: Parcel, tracking_number: str, carrier: str, now: datetime) -> None:
    """Give a packed parcel the carrier's own number, where it made one."""
    if carrier:
        parcel.carrier = carrier
    if tracking_number:
        parcel.tracking_number = tracking_number
        _free_number(parcel, now)
    parcel.save(update_fields=["carrier", "tracking_number"])


def _free_number(parcel: Parcel, now: datetime) -> None:
    """Refuse a number of another parcel; one that has long ended gives its number up, as carriers do."""
    bearers = Parcel.objects.filter(number_key=number_key(parcel.tracking_number))
    bearer = bearers.filter(number_reused=False).exclude(pk=parcel.pk).first()
    if bearer is None or _is_renamed(bearer):
        return
    if not may_reuse(status=bearer.status, shipped_at=bearer.shipped_at, now=now):
        raise Conflict(_("This tracking number belongs to another parcel."))
    bearer.number_reused = True
    bearer.save(update_fields=["number_reused"])


def _is_renamed(bearer: Parcel) -> bool:
    """Mark a share of a shipment as shares are marked now: its number is ours, and another's own."""
    found = EARLIER_SHARE.fullmatch(bearer.tracking_number)
    if found is None:
        return False
    first = Parcel.objects.filter(order_id=bearer.order_id, number_key=number_key(found[1]))
    if not first.exclude(pk=bearer.pk).exists():
        return False
    bearer.tracking_number = share_number(found[1], int(found[2]))
    bearer.save(update_fields=["tracking_number"])
    return True
