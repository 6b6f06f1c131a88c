"""Reads what was given up, of every table of work."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from erp.backlogs import Backlog
from erp.logs.masks import masked
from erp.metrics.readings import backlogs

MOST_COUNTED = 10_000
SHOWN = 50
AT_ONCE = 1_000  # rows that are replayed in one transaction


class ParkedRow(NamedTuple):
    """One row that was given up: its id, what it is, since when, why."""

    pk: int
    note: str
    at: datetime
    error: str


def backlog_named(name: str) -> Backlog | None:
    """The table of work of this name; None where there is none."""
    return next((backlog for backlog in backlogs() if backlog.name == name), None)


def parked_counts() -> Mapping[str, int]:
    """How many rows of each queue were given up, by its name; 10,000 stands for more. One statement."""
    rows = ", ".join(
        f"(SELECT count(*) FROM (SELECT FROM {b.table} WHERE {b.parked} LIMIT {MOST_COUNTED}) capped)"
        for b in backlogs()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {rows}", [])
        return dict(zip((b.name for b in backlogs()), cursor.fetchone(), strict=True))


def parked_rows(backlog: Backlog, *, limit: int = SHOWN) -> list[ParkedRow]:
    """The newest rows of a queue that were given up. Of why, the last line, masked: errors quote what they met."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {backlog.note}, {backlog.due}, coalesce({backlog.error}, '') FROM {backlog.table}"
            f" WHERE {backlog.parked} ORDER BY id DESC LIMIT %s",
            [limit],
        )
        return [
            ParkedRow(pk, note, at, masked(why.strip().rpartition("\n")[2])[:200])
            for pk, note, at, why in cursor.fetchall()
        ]


def parked_in_steps(backlog: Backlog, *, most: int | None = None) -> Iterator[Sequence[int]]:
    """Ids of all rows that were given up, the oldest first, `AT_ONCE` at a time; what is parked anew meanwhile is left.

    most   rows in all; None: as many as there are
    """
    last, given = 0, 0
    while ids := parked_ids(
        backlog, after=last, limit=AT_ONCE if most is None else min(AT_ONCE, most - given)
    ):
        yield ids
        last, given = ids[-1], given + len(ids)


def parked_ids(backlog: Backlog, *, after: int = 0, limit: int = AT_ONCE) -> Sequence[int]:
    """Ids of rows that were given up, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {backlog.table} WHERE {backlog.parked} AND id > %s ORDER BY id LIMIT %s",
            [after, limit],
        )
        return [pk for (pk,) in cursor.fetchall()]
