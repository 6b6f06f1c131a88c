"""Leases rows of a queue to workers. A row is counted as tried when it failed, or when a worker died with it.

Counted when it was leased, a row lost its tries by waiting: a backlog longer than a lease gave up what had never run.
A row that a worker left is leased by itself: the one that kills its worker is told from those that stood beside it.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import Error, connection, transaction


@dataclass(frozen=True, slots=True)
class Queue:
    """A table whose rows wait for workers: with status, attempts, due_at, is_leased.

    waits      the status of a row that waits, leased or not
    gives_up   the status of one that was tried so often that a person must look
    most       tries before that
    lease      after this a row is another worker's: longer than the task that leases it may run
    may        what else a row `q` must meet to be leased, as SQL: the parameters now, and what `lease` is given
    """

    table: str
    waits: str
    gives_up: str
    most: int
    lease: timedelta
    may: str = "TRUE"


@dataclass(frozen=True, slots=True)
class _Lost:
    """Rows whose worker lost the database before it could say what came of them; `until` is on the monotonic clock."""

    queue: Queue
    ids: Sequence[int]
    until: float


_lost: deque[_Lost] = deque()


@contextmanager
def worked_on(queue: Queue, ids: Sequence[int]) -> Iterator[None]:
    """Where the database is lost while rows are worked on, have their lease end as soon as this process has it again.

    Then each is leased by itself and counted, as after a worker that died. Otherwise they waited for their lease to
    end: the mails of two minutes before a restart of PostgreSQL were two minutes late.
    """
    # From then on they may be another worker's.
    until = monotonic() + queue.lease.total_seconds() - 5
    try:
        yield
    except Error:
        _lost.append(_Lost(queue, list(ids), until))
        raise


def _end_lost_leases(now: datetime) -> None:
    """End the leases that this process could not; raises where the database is still gone."""
    while _lost:
        lost = _lost[0]  # it goes when it is done: the database may be gone yet
        if monotonic() < lost.until:
            with transaction.atomic(durable=True), connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {lost.queue.table} SET due_at = %s"
                    " WHERE id = ANY(%s) AND status = %s AND is_leased AND due_at > %s",
                    [now, list(lost.ids), lost.queue.waits, now],
                )
        _lost.popleft()


def lease(
    queue: Queue,
    *,
    now: datetime,
    limit: int,
    give_up: Callable[[int], object] | None = None,
    **asked: int | str | None,
) -> list[int]:
    """Lease rows that are due, the oldest first, and return their ids. Two workers never lease the same row.

    give_up   what becomes of a row that killed its last worker, where giving it up is more than a status
    asked     parameters of the queue's `may`
    What a worker died with has its turn among the others, by itself and counted; where its tries are used up it is
    given up instead. After all others, it had none as long as there were others.
    """
    _end_lost_leases(now)
    while True:
        with transaction.atomic(durable=True):
            taken = _take(queue, now, limit, asked, ends=give_up is None)
        if give_up is not None:
            for pk in sorted(pk for pk, is_spent in taken if is_spent):
                give_up(pk)
        ids = sorted(pk for pk, is_spent in taken if not is_spent)
        if ids or not taken:
            return ids


def _take(
    queue: Queue, now: datetime, limit: int, asked: Mapping[str, int | str | None], *, ends: bool
) -> list[tuple[int, bool]]:
    """Take the rows before the first one that a worker left, or that one alone where it is the first.

    ends   what is spent is given up by its status here; otherwise it stays leased until somebody gives it up
    Returns ids, each with whether its tries are used up.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH due AS (
                SELECT id, due_at, is_leased, is_leased AND attempts + 1 >= %(most)s AS is_spent
                FROM {queue.table} q WHERE status = %(waits)s AND due_at <= %(now)s AND {queue.may}
                ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE OF q SKIP LOCKED),
            placed AS (
                SELECT *, row_number() OVER by_time AS place, bool_or(is_leased) OVER by_time AS behind
                FROM due WINDOW by_time AS (ORDER BY due_at, id)),
            taken AS (SELECT * FROM placed WHERE NOT behind OR place = 1)
            UPDATE {queue.table} q
            SET attempts = q.attempts + q.is_leased::int, due_at = %(until)s,
                status = CASE WHEN t.is_spent AND %(ends)s THEN %(gives_up)s ELSE q.status END,
                is_leased = NOT (t.is_spent AND %(ends)s)
            FROM taken t WHERE q.id = t.id RETURNING q.id, t.is_spent
            """,
            {
                **asked,
                "waits": queue.waits,
                "now": now,
                "limit": limit,
                "until": now + queue.lease,
                "most": queue.most,
                "gives_up": queue.gives_up,
                "ends": ends,
            },
        )
        return [(pk, is_spent) for pk, is_spent in cursor.fetchall()]


def is_due(queue: Queue, *, now: datetime) -> bool:
    """Whether a row waits that nobody has."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {queue.table} WHERE status = %s AND due_at <= %s LIMIT 1",
            [queue.waits, now],
        )
        return cursor.fetchone() is not None
