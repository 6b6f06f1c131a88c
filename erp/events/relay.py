"""Delivers events to subscribers: some in one transaction, each by itself where one fails, parked after five tries."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.backlogs import Backlog
from erp.events.models import Event, EventDelivery
from erp.events.sets import takes_sets
from erp.leases import Queue, is_due, lease, worked_on
from erp.once import OnceKey, claim_all
from erp.remembered import remembering
from erp.wiring import resolve

logger = logging.getLogger(__name__)

BATCH = 20  # of one transaction: what they lock is locked until the last has acted
OUTBOX = Queue(
    table="erp_eventdelivery",
    waits="pending",
    gives_up="parked",
    most=5,
    lease=timedelta(seconds=60),
)
BACKLOG = Backlog(
    name="outbox",
    label=_("Events"),
    table="erp_eventdelivery",
    waiting="status = 'pending'",
    parked="status = 'parked'",
    late=timedelta(seconds=60),
    note="subscriber",
    right="settings.edit",
    replay="erp.events.relay.replay_events",
)


def lease_due(*, now: datetime, limit: int = BATCH) -> list[int]:
    """Lease deliveries that are due and return their ids; one whose worker died with it comes by itself."""
    return lease(OUTBOX, now=now, limit=limit)


def has_due(*, now: datetime) -> bool:
    """Whether a delivery is due."""
    return is_due(OUTBOX, now=now)


def deliver_all(*, delivery_ids: Sequence[int], now: datetime) -> bool:
    """Call the subscribers of some deliveries in one transaction; where one fails, each in its own.

    Safe to run twice. Returns whether the one transaction took them all.
    """
    with worked_on(OUTBOX, delivery_ids):
        return _deliver_all(delivery_ids, now)


def _deliver_all(delivery_ids: Sequence[int], now: datetime) -> bool:
    if len(delivery_ids) > 1:
        try:
            with transaction.atomic(durable=True):
                _act(delivery_ids, now)
            return True
        except Exception as error:
            logger.info("Deliveries %s are delivered one by one: %s", delivery_ids, error)
    delivered = [deliver(delivery_id=pk, now=now) for pk in delivery_ids]
    return len(delivered) == 1 and delivered[0]


def deliver(*, delivery_id: int, now: datetime) -> bool:
    """Call one subscriber in one transaction that also writes its Once row.

    Safe to run twice. A failure leaves the delivery pending, to be leased again later.
    """
    try:
        with transaction.atomic(durable=True):
            _act([delivery_id], now)
        return True
    except Exception as error:
        logger.exception("Delivery %s failed", delivery_id)
        _note_failure(delivery_id, error, now)
        return False


def _act(delivery_ids: Sequence[int], now: datetime) -> None:
    """Have subscribers act on what is still pending, in an order that is the same for whoever else does."""
    rows = EventDelivery.objects.select_related("event").filter(
        pk__in=delivery_ids, status=EventDelivery.Status.PENDING
    )
    deliveries = sorted(rows, key=_place)
    claimed = claim_all(
        [OnceKey(f"subscriber:{d.subscriber}", str(d.event_id)) for d in deliveries]
    )
    mine = [d for d, is_mine in zip(deliveries, claimed, strict=True) if is_mine]
    alone, sets = _parted(mine)
    with remembering():
        for subscriber, events in sets.items():
            resolve(subscriber)(events=events, now=now)
        for delivery in alone:
            act_on(delivery.subscriber, delivery.event, now)
    EventDelivery.objects.filter(pk__in=delivery_ids, status="pending").update(
        status="done", error="", is_leased=False
    )


def _place(delivery: EventDelivery) -> tuple[str, int, str, int, int]:
    """Where a delivery stands: by the number of its subject, which is how sets lock theirs. As text, 10 is before 9."""
    noun, _colon, number = delivery.event.subject.partition(":")
    by_number = int(number) if number.isascii() and number.isdecimal() else 0
    return noun, by_number, number, delivery.event_id, delivery.pk


def _parted(
    deliveries: Sequence[EventDelivery],
) -> tuple[list[EventDelivery], dict[str, list[Event]]]:
    """Deliveries by themselves, and the events that subscribers take in sets.

    What has several events here has them in their order: no subscriber of a later one acts before an earlier one's.
    """
    events_of: dict[str, set[int]] = defaultdict(set)
    for delivery in deliveries:
        events_of[delivery.event.subject].add(delivery.event_id)
    alone: list[EventDelivery] = []
    sets: dict[str, list[Event]] = defaultdict(list)
    for delivery in deliveries:
        is_only = len(events_of[delivery.event.subject]) == 1
        if is_only and takes_sets(resolve(delivery.subscriber)):
            sets[delivery.subscriber].append(delivery.event)
        else:
            alone.append(delivery)
    return alone, sets


def act_on(subscriber: str, event: Event, now: datetime) -> None:
    """Have a subscriber act on one event, in the caller's transaction."""
    act = resolve(subscriber)
    if takes_sets(act):
        act(events=[event], now=now)
    else:
        act(event=event, now=now)


def _note_failure(delivery_id: int, error: Exception, now: datetime) -> None:
    """Count a try that failed: the next one comes later and later, after the last a person must look."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE erp_eventdelivery SET attempts = attempts + 1, is_leased = false, error = %s,
                status = CASE WHEN attempts + 1 >= %s THEN 'parked' ELSE status END,
                due_at = %s + least(600, power(4, attempts + 1)) * interval '1 second'
            WHERE id = %s AND status = 'pending'
            """,
            [f"{type(error).__name__}: {error}"[:2000], OUTBOX.most, now, delivery_id],
        )


@transaction.atomic(savepoint=False)
def replay_events(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Have parked events processed again by the subscribers that failed; return how many."""
    require(by, BACKLOG.right)
    rows = EventDelivery.objects.filter(pk__in=ids, status="parked")
    return rows.update(status="pending", attempts=0, is_leased=False, due_at=now)
