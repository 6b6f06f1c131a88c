"""Leases rows of a queue to workers. A row is counted as tried when it failed, or when a worker died with it.

Counted when it was leased, a row lost its tries by waiting: a backlog longer than a lease gave up what had never run.
Rows that a worker left are leased one by one: the one that kills its worker is told from those that stood beside it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

LEFT_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Queue:
    """A table whose rows wait for workers: with status, attempts, due_at, is_leased.

    waits      the status of a row that waits, leased or not
    gives_up   the status of one that was tried so often that a person must look
    most       tries before that
    lease      after this a row is another worker's: longer than a few rows take
    """

    table: str
    waits: str
    gives_up: str
    most: int
    lease: timedelta


def lease(queue: Queue, *, now: datetime, limit: int) -> list[int]:
    """Lease rows that are due and that nobody has, the oldest first, and return their ids.

    Two workers never lease the same row (SKIP LOCKED).
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {queue.table} SET is_leased = true, due_at = %s WHERE id IN (
                SELECT id FROM {queue.table} WHERE status = %s AND due_at <= %s AND NOT is_leased
                ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id
            """,
            [now + queue.lease, queue.waits, now, limit],
        )
        return sorted(pk for (pk,) in cursor.fetchall())


def lease_left(queue: Queue, *, now: datetime, limit: int = LEFT_AT_ONCE) -> list[int]:
    """Lease rows that workers died with, each counted, and return their ids: each is to be tried by itself.

    One that has used up its tries is given up instead.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH left_over AS (
                SELECT id FROM {queue.table} WHERE status = %s AND due_at <= %s AND is_leased
                ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
            UPDATE {queue.table} q
            SET attempts = q.attempts + 1, due_at = %s,
                status = CASE WHEN q.attempts + 1 >= %s THEN %s ELSE q.status END,
                is_leased = q.attempts + 1 < %s
            FROM left_over l WHERE q.id = l.id RETURNING q.id, q.status
            """,
            [
                queue.waits,
                now,
                limit,
                now + queue.lease,
                queue.most,
                queue.gives_up,
                queue.most,
            ],
        )
        return sorted(pk for pk, status in cursor.fetchall() if status == queue.waits)


def is_due(queue: Queue, *, now: datetime) -> bool:
    """Whether a row waits that nobody has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {queue.table} WHERE status = %s AND due_at <= %s LIMIT 1",
            [queue.waits, now],
        )
        return cursor.fetchone() is not None
