"""Counts a list's rows without slowing the page: capped, cached, given up on when slow."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import redis
from django.db import OperationalError, connection, transaction
from django.db.models import Model, QuerySet

from erp.valkey import valkey

CAP = 1000


KEPT_S = 10


PATIENCE_MS = 300


MINUTE_S = 60.0


T = TypeVar("T")


_local: dict[str, tuple[float, int]] = {}


_minute: dict[str, tuple[float, Any]] = {}


UNKNOWN = -1


def counted(wanted: Mapping[str, Callable[[], QuerySet[Model]]]) -> dict[str, int]:
    """Count the rows of each named query: at most CAP + 1; -1 where it took too long.

    Without Valkey each web process remembers by itself.
    """
    counts = _remembered(list(wanted))
    fresh = {name: _count(rows()) for name, rows in wanted.items() if name not in counts}
    if fresh:
        _remember(fresh)
    return {name: counts.get(name, fresh.get(name, 0)) for name in wanted}


def shown(number: int) -> str:
    """Format a count: "1,000+" when capped, "…" when unknown."""
    if number == UNKNOWN:
        return "…"
    return f"{CAP:,}+" if number > CAP else f"{number:,}"


def _count(rows: QuerySet[Model]) -> int:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
            number = rows.order_by()[: CAP + 1].count()
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return number
    except OperationalError:
        return UNKNOWN


def _remembered(names: list[str]) -> dict[str, int]:
    if not names:
        return {}
    try:
        values = valkey().mget([f"count:{name}" for name in names])
        return {
            name: int(value) for name, value in zip(names, values, strict=True) if value is not None
        }
    except redis.RedisError:
        now = time.monotonic()
        return {n: _local[n][1] for n in names if n in _local and now - _local[n][0] < KEPT_S}


def _remember(counts: Mapping[str, int]) -> None:
    try:
        pipe = valkey().pipeline()
        for name, number in counts.items():
            pipe.set(f"count:{name}", number, ex=KEPT_S)
        pipe.execute()
    except redis.RedisError:
        if len(_local) > 1000:
            _local.clear()
        _local.update({name: (time.monotonic(), number) for name, number in counts.items()})


def kept_a_minute(name: str, make: Callable[[], T]) -> T:
    """Cache what `make` returns for a minute per web process."""
    at, kept = _minute.get(name, (-MINUTE_S, None))
    value: T = kept
    if kept is None or time.monotonic() - at >= MINUTE_S:
        value = make()
        _minute[name] = (time.monotonic(), value)
    return value
