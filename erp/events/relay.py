"""Delivers events to subscribers: leased, counted before each attempt, parked after five."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from erp.events.models import EventDelivery
from erp.once import OnceKey, claim
from erp.wiring import resolve

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)  # an unacknowledged delivery is tried again after this
MOST_ATTEMPTS = 5
BATCH = 50
AT_ONCE = 8  # sets that a batch is handed over in: none may outlast its lease


def lease_due(*, now: datetime, limit: int = BATCH) -> list[int]:
    """Lease deliveries that are due, raising their counters, and return their ids.

    Two relays never lease the same row (SKIP LOCKED). A delivery that has used up its
    attempts is parked instead, with its last error.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT id FROM erp_eventdelivery
                WHERE status = 'pending' AND due_at <= %s
                ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
            UPDATE erp_eventdelivery d
            SET status = CASE WHEN d.attempts >= %s THEN 'parked' ELSE 'pending' END,
                attempts = LEAST(d.attempts + 1, %s), due_at = %s
            FROM due WHERE d.id = due.id
            RETURNING d.id, d.status
            """,
            [now, limit, MOST_ATTEMPTS, MOST_ATTEMPTS, now + LEASE],
        )
        return sorted(pk for pk, status in cursor.fetchall() if status == "pending")


def shared_out(ids: Sequence[int]) -> list[Sequence[int]]:
    """Deliveries as they are handed to workers: one set for each that works beside others, none empty.

    A message to the broker for each delivery cost as much as many a delivery itself.
    """
    return [ids[n::AT_ONCE] for n in range(min(AT_ONCE, len(ids)))]


def deliver(*, delivery_id: int, now: datetime) -> bool:
    """Call one subscriber in one transaction that also writes its Once row.

    Safe to run twice. A failure leaves the delivery pending, to be leased again later.
    """
    try:
        with transaction.atomic(durable=True):
            delivery = EventDelivery.objects.select_related("event").get(pk=delivery_id)
            if delivery.status != EventDelivery.Status.PENDING:
                return True
            key = OnceKey(f"subscriber:{delivery.subscriber}", str(delivery.event_id))
            if claim(key):
                subscriber = resolve(delivery.subscriber)
                subscriber(event=delivery.event, now=now)
            EventDelivery.objects.filter(pk=delivery_id).update(status="done", error="")
        return True
    except Exception as error:
        logger.exception("Delivery %s failed", delivery_id)
        _note_failure(delivery_id, error, now)
        return False


def _note_failure(delivery_id: int, error: Exception, now: datetime) -> None:
    delivery = EventDelivery.objects.get(pk=delivery_id)
    delay = timedelta(seconds=min(600, 2 ** (delivery.attempts * 2)))
    EventDelivery.objects.filter(pk=delivery_id, status="pending").update(
        error=f"{type(error).__name__}: {error}"[:2000], due_at=now + delay
    )
