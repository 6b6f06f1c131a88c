"""Asks for rows as every room does."""

from typing import Any, TypeVar

from django.db.models import QuerySet

from erp.errors import NotFound

R = TypeVar("R")


def find_one(rows: QuerySet[Any, R]) -> R:
    """The first of some rows; raises NotFound where there is none."""
    found = rows.first()
    if found is None:
        raise NotFound
    return found
