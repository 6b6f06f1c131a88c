"""Records carriers' tracking events once each, in any order, and derives the parcel's status."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid
from erp.events.record import record_event
from erp.queries import find_one
from fulfillment.planning.models import Parcel
from fulfillment.tracking.decisions import Report, parcel_status
from fulfillment.tracking.models import TrackingEvent
from fulfillment.tracking.states import TRACKING_STATES
from orders.order.actions.progress import record_delivered
from orders.order.actions.timeline import append_event, lock_order

ANNOUNCED = {"out_for_delivery", "delivered", "delivery_failed", "return_to_sender"}


@dataclass(frozen=True, slots=True)
class Scan:
    """One event as a carrier reports it. `external_id` makes it count once."""

    external_id: str
    state: str
    at: datetime
    place: str = ""
    description: str = ""


@transaction.atomic(savepoint=False)
def record_tracking(*, parcel_id: int, scans: Sequence[Scan], by: Actor, now: datetime) -> Parcel:
    """Add tracking events to a parcel's log and recompute where it is.

    An event known already is ignored; late and unordered ones are fine. What the parcel
    newly is (out for delivery, delivered, …) is told once.
    Raises Conflict for a parcel that has not left, Invalid for an impossible event.
    """
    require(by, "fulfillment.track")
    found = find_one(Parcel.objects.filter(pk=parcel_id).values("order_id"))
    order = lock_order(found["order_id"])
    parcel = Parcel.objects.select_for_update().get(pk=parcel_id)
    if parcel.shipped_at is None:
        raise Conflict(_("This parcel has not been shipped yet."))
    _append_to_log(parcel, scans, now)
    log = TrackingEvent.objects.filter(parcel=parcel).values_list("state", "at")
    reports = [Report(state, at) for state, at in log]
    before, parcel.status = parcel.status, parcel_status(reports)
    fields = ["status"]
    arrived = parcel.status == "delivered" and parcel.delivered_at is None
    if arrived:
        parcel.delivered_at = min(r.at for r in reports if r.state == "delivered")
        fields.append("delivered_at")
    parcel.save(update_fields=fields)
    if arrived:
        record_delivered(
            order=order,
            units={line.order_line_id: line.quantity for line in parcel.lines.all()},
            by=by,
            now=now,
        )
    if parcel.status != before:
        _tell(parcel, by, now)
    return parcel


def _append_to_log(parcel: Parcel, scans: Sequence[Scan], now: datetime) -> None:
    """Write events to a parcel's log; those it has already are left as they are."""
    for scan in scans:
        if scan.at > now + timedelta(days=1):
            raise Invalid(_("A tracking event cannot be in the future."))
        if not scan.external_id:
            raise Invalid(_("A tracking event needs its own id."))
    TrackingEvent.objects.bulk_create(
        (
            TrackingEvent(
                parcel=parcel,
                external_id=scan.external_id[:120],
                state=scan.state if scan.state in TRACKING_STATES else "in_transit",
                place=scan.place[:120],
                description=scan.description[:250],
                at=scan.at,
            )
            for scan in scans
        ),
        ignore_conflicts=True,
    )


def _tell(parcel: Parcel, by: Actor, now: datetime) -> None:
    append_event(
        order_id=parcel.order_id,
        kind=f"shipment.{parcel.status}",
        by=by,
        now=now,
        data={"parcel": parcel.pk, "tracking_number": parcel.tracking_number},
    )
    if parcel.status in ANNOUNCED:
        record_event(
            f"shipment.{parcel.status}",
            subject=f"parcel:{parcel.pk}",
            channel_id=parcel.order.channel_id,
            parcel_id=parcel.pk,
            order_id=parcel.order_id,
        )
