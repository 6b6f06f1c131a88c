"""Records carriers' tracking events once each, in any order, and derives where the parcel is."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict
from erp.events.record import record_event
from erp.queries import find_one
from erp.zones import zone_of_channel
from fulfillment.planning.models import Parcel
from fulfillment.tracking.decisions import Report, Standing, is_news, refusal_of, standing_of
from fulfillment.tracking.models import TrackingEvent
from fulfillment.tracking.states import state_of
from fulfillment.tracking.wording import REFUSALS
from orders.order.actions.progress import record_delivered, record_undelivered
from orders.order.actions.timeline import append_event, lock_order

# What other programs hear of; of these the customer hears by what `is_news` says.
ANNOUNCED = {
    "out_for_delivery",
    "ready_for_pickup",
    "delivered",
    "delivery_failed",
    "return_to_sender",
    "returned",
}


@dataclass(frozen=True, slots=True)
class Scan:
    """One event as a carrier reports it.

    external_id   makes it count once; "" for what has none: then its content does
    state         one of the twelve states, or any other word: it is kept, and means "unknown"
    code          the carrier's own code, where it has one beside the state
    leg           "out" or "back" where the carrier says which way the parcel travels
    """

    external_id: str
    state: str
    at: datetime
    place: str = ""
    description: str = ""
    code: str = ""
    leg: str = ""


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """What became of one event: accepted, duplicate, or refused for the reason `code` names."""

    outcome: str
    code: str = ""
    field: str = ""

    @property
    def detail(self) -> str:
        return str(REFUSALS[self.code]) if self.code else ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A parcel after a batch of events, and the answer to each of them, in their order."""

    parcel: Parcel
    answers: list[ScanAnswer]


@transaction.atomic(savepoint=False)
def record_tracking(*, parcel_id: int, scans: Sequence[Scan], by: Actor, now: datetime) -> Recorded:
    """Add tracking events to a parcel's log and recompute where it is, and since when, from all of it.

    Each event has an answer of its own: one that cannot be does not keep the others out. Late
    and unordered ones are fine. What the parcel newly is, is told once per attempt.
    Raises Conflict for a parcel that has not left.
    """
    require(by, "fulfillment.track")
    found = find_one(Parcel.objects.filter(pk=parcel_id).values("order_id"))
    order = lock_order(found["order_id"])
    parcel = Parcel.objects.select_for_update().get(pk=parcel_id)
    parcel.order = order
    if parcel.shipped_at is None:
        raise Conflict(_("This parcel has not been shipped yet."))
    answers = _append_to_log(parcel, scans, now)
    _stand(parcel, by, now)
    return Recorded(parcel, answers)


def _append_to_log(parcel: Parcel, scans: Sequence[Scan], now: datetime) -> list[ScanAnswer]:
    """Write events to a parcel's log; those it has already are left as they are."""
    log = TrackingEvent.objects.filter(parcel=parcel)
    known = {key: (state, at) for key, state, at in log.values_list("external_id", "state", "at")}
    answers, new = [], []
    for scan in scans:
        answer = _answer(scan, parcel, known, now)
        if answer.outcome == "accepted":
            known[_key(scan)] = (state_of(scan.state), scan.at)
            new.append(_row(scan, parcel))
        answers.append(answer)
    TrackingEvent.objects.bulk_create(new)
    return answers


def _answer(
    scan: Scan, parcel: Parcel, known: Mapping[str, tuple[str, datetime]], now: datetime
) -> ScanAnswer:
    code, field = refusal_of(
        at=scan.at,
        texts={
            "external_id": scan.external_id,
            "code": scan.code or scan.state,
            "place": scan.place,
            "description": scan.description,
        },
        placed_at=parcel.order.placed_at,
        packed_at=parcel.packed_at,
        now=now,
    )
    if code:
        named = {"external_id": "id", "code": "code" if scan.code else "state"}
        return ScanAnswer("refused", code, named.get(field, field))
    same = known.get(_key(scan))
    if same is None:
        return ScanAnswer("accepted")
    if same != (state_of(scan.state), scan.at):
        return ScanAnswer("refused", "id-reused", "id")
    return ScanAnswer("duplicate")


def _key(scan: Scan) -> str:
    """What makes an event count once: its id; else what it says, however its moment is written."""
    if scan.external_id:
        return scan.external_id
    said = (
        state_of(scan.state),
        (scan.code or scan.state).casefold(),
        scan.at.astimezone(UTC).isoformat(),
        scan.place,
        scan.description,
    )
    return "content:" + hashlib.sha256("\x1f".join(said).encode()).hexdigest()


def _row(scan: Scan, parcel: Parcel) -> TrackingEvent:
    return TrackingEvent(
        parcel=parcel,
        external_id=_key(scan),
        state=state_of(scan.state),
        code=scan.code or scan.state,
        leg=scan.leg,
        place=scan.place,
        description=scan.description,
        at=scan.at,
    )


def _stand(parcel: Parcel, by: Actor, now: datetime) -> None:
    """Write where a parcel is by its log, count its units, and tell what is new."""
    zone = zone_of_channel(parcel.order.channel_id)
    log = TrackingEvent.objects.filter(parcel=parcel).values_list("state", "at", "leg")
    standing = standing_of((Report(*row) for row in log), zone)
    before, was_delivered_at = parcel.status, parcel.delivered_at
    parcel.status, parcel.delivered_at = standing.status, standing.delivered_at
    is_news_now = is_news(standing, before=before, told=parcel.told, now=now, zone=zone)
    if is_news_now and standing.since:
        parcel.told = parcel.told | {
            standing.status: [standing.attempt, standing.since.isoformat()]
        }
    parcel.save(update_fields=["status", "delivered_at", "told"])
    if parcel.delivered_at != was_delivered_at:
        _count_units(parcel, was_delivered_at, by, now)
    if parcel.status != before:
        _append_step(parcel, by, now)
    _announce(parcel, standing, before, is_news_now=is_news_now)


def _count_units(parcel: Parcel, was: datetime | None, by: Actor, now: datetime) -> None:
    """Count what a parcel holds as delivered, or no longer; the order was delivered when its last parcel was."""
    order = parcel.order
    units = {line.order_line_id: line.quantity for line in parcel.lines.all()}
    if parcel.delivered_at is None:
        record_undelivered(order=order, units=units, by=by, now=now)
        return
    arrived = Parcel.objects.filter(order=order, delivered_at__isnull=False)
    record_delivered(
        order=order,
        units={} if was else units,
        at=max(at for at in arrived.values_list("delivered_at", flat=True) if at),
        by=by,
        now=now,
    )


def _append_step(parcel: Parcel, by: Actor, now: datetime) -> None:
    append_event(
        order_id=parcel.order_id,
        kind=f"shipment.{parcel.status}",
        by=by,
        now=now,
        data={"parcel": parcel.pk, "tracking_number": parcel.tracking_number},
    )


def _announce(parcel: Parcel, standing: Standing, before: str, *, is_news_now: bool) -> None:
    """Announce a state once per attempt; the way back's end as soon as it is reached."""
    ended = standing.status == "returned" != before
    if standing.status in ANNOUNCED and (is_news_now or ended):
        record_event(
            f"shipment.{parcel.status}",
            subject=f"parcel:{parcel.pk}",
            channel_id=parcel.order.channel_id,
            parcel_id=parcel.pk,
            order_id=parcel.order_id,
        )
