"""Delivers events to subscribers: some in one transaction, each by itself where one fails, parked after five tries."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.backlogs import Backlog
from erp.events.models import EventDelivery
from erp.leases import Queue, is_due, lease
from erp.once import OnceKey, claim
from erp.remembered import remembering
from erp.wiring import resolve

logger = logging.getLogger(__name__)

BATCH = 10  # of one transaction: what they lock is locked until the last has acted
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


def deliver_all(*, delivery_ids: Sequence[int], now: datetime) -> None:
    """Call the subscribers of some deliveries in one transaction; where one fails, each in its own.

    Safe to run twice.
    """
    if len(delivery_ids) > 1:
        try:
            with transaction.atomic(durable=True):
                _act(delivery_ids, now)
            return
        except Exception as error:
            logger.info("Deliveries %s are delivered one by one: %s", delivery_ids, error)
    for pk in delivery_ids:
        deliver(delivery_id=pk, now=now)


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
    with remembering():
        for delivery in sorted(rows, key=lambda d: (d.event.subject, d.event_id, d.pk)):
            if claim(OnceKey(f"subscriber:{delivery.subscriber}", str(delivery.event_id))):
                resolve(delivery.subscriber)(event=delivery.event, now=now)
    EventDelivery.objects.filter(pk__in=delivery_ids, status="pending").update(
        status="done", error="", is_leased=False
    )


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
