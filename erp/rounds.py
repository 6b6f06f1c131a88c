"""Does the rows of periodic work each for itself: one that raises is counted and told, and stops no other."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection

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
