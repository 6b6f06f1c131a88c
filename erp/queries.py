"""Asks for rows as every room does."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from erp.errors import NotFound

R = TypeVar("R")
M = TypeVar("M", bound=Model)


def find_one(rows: QuerySet[Any, R]) -> R:
    """The first of some rows; raises NotFound where there is none."""
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def by_pages(rows: QuerySet[M], *, most: int) -> Iterator[M]:
    """Every row in the order of its key, so many held at once.

    Without cursors on the server (they do not outlive a transaction at a pooler) `iterator()` holds all there are: a
    file of 54 MB that lies here in pieces was 250 MB of the process that read it.
    """
    rows, last = rows.order_by("pk"), None
    while True:
        page = list(rows[:most] if last is None else rows.filter(pk__gt=last)[:most])
        yield from page
        if len(page) < most:
            return
        last = page[-1].pk
