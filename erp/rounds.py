"""Does the rows of periodic work each for itself: one that raises is counted and told, and stops no other."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection

from erp.leases import Queue, lease, worked_on
from erp.logs.faults import described
from erp.metrics.tally import count

logger = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")
TURN_S = 20.0


class RowsFailed(Exception):
    """Rows of a round raised, and the others were done: its schedule has failed, and staff are told of that."""


class Round:
    """One turn of periodic work. `failed` counts the rows that raised."""

    def __init__(self, name: str, *, seconds: float = TURN_S) -> None:
        self.name, self.failed = name, 0
        self.first: Exception | None = None
        self.until = time.monotonic() + seconds

    def each(self, rows: Iterable[T], do: Callable[[T], R]) -> list[R]:
        """Do something to each row; return what came of those that did not raise.

        What ends the round and no row alone is raised: the time, a lost database.
        """
        done: list[R] = []
        for row in rows:
            try:
                done.append(do(row))
            except SoftTimeLimitExceeded:
                raise
            except Exception as error:
                if isinstance(error, DatabaseError) and not connection.is_usable():
                    raise
                self._note(row, error)
        return done

    def all(self, find: Callable[..., Sequence[int]], do: Callable[[int], object]) -> None:
        """Do something to each row that is due, page by page, while there is time.

        find   gives the ids that are due, without those of `but`: what stays due hides nothing that stands behind it
        """
        tried: set[int] = set()
        while time.monotonic() < self.until and (due := find(but=tried)):
            self.each(due, do)
            tried |= set(due)

    def one_by_one(
        self,
        queue: Queue,
        do: Callable[[int], object],
        *,
        now: datetime,
        give_up: Callable[[int], object] | None = None,
        **asked: int | str | None,
    ) -> int:
        """Do something to each row of a queue, leased by itself, while there is time; return how many it was.

        now   when this was asked for; a lease begins when it is taken
        """
        count = 0
        for at in self._moments(now):
            leased = lease(queue, now=at, limit=1, give_up=give_up, **asked)
            if not leased:
                break
            with worked_on(queue, leased):
                self.each(leased, do)
            count += 1
        return count

    def in_turn(
        self, take: Callable[..., int | None], do: Callable[[int], R], *, now: datetime
    ) -> list[R]:
        """Do something to each of a few rows that wait for others, once each, while there is time.

        take   leases the one that waits longest of those that nobody has and that are not in `but`; None: there is none
        All of them under one lease, the last ones were another worker's as well while the first waited.
        """
        had: set[int] = set()
        done: list[R] = []
        for at in self._moments(now):
            row = take(now=at, but=had)
            if row is None:
                break
            had.add(row)
            done += self.each([row], do)
        return done

    def _moments(self, now: datetime) -> Iterator[datetime]:
        """What `now` becomes, as long as there is time."""
        begun = time.monotonic()
        while time.monotonic() < self.until:
            yield now + timedelta(seconds=time.monotonic() - begun)

    def _note(self, row: object, error: Exception) -> None:
        self.failed += 1
        self.first = self.first or error
        count("rows_failed", self.name)
        logger.error("Row %s of %s failed", row, self.name, exc_info=error)


@contextmanager
def by_rows(name: str, *, seconds: float = TURN_S) -> Iterator[Round]:
    """A turn of periodic work by its name. Raises RowsFailed at its end where a row did."""
    turn = Round(name, seconds=seconds)
    yield turn
    if turn.first is not None:
        raise RowsFailed(f"{turn.failed}, the first: {described(turn.first)}") from turn.first
