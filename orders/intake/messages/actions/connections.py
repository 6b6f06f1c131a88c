"""Leases connections to shops and mailboxes; opens a circuit breaker while they fail."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F, Q

from orders.intake.messages.models import Connection

LEASE = timedelta(minutes=10)


SHORTEST, LONGEST = 15, 3600  # seconds that a failing connection is left alone


FRESH: dict[str, object] = {
    "is_active": True,
    "failures": 0,
    "error": "",
    "not_before": None,
    "leased_until": None,
}


def lease(model: type[Connection], now: datetime, but: Collection[int]) -> int | None:
    """Lease the connection that was used longest ago of those that may be used now, until released or expired.

    but   connections that had their turn
    """
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    closed = Q(not_before=None) | Q(not_before__lte=now)
    due = model._default_manager.filter(free, closed, is_active=True).exclude(pk__in=but)
    oldest = due.order_by(F("asked_at").asc(nulls_first=True), "pk")
    found = oldest.select_for_update(skip_locked=True).values_list("pk", flat=True).first()
    model._default_manager.filter(pk=found).update(leased_until=now + LEASE)
    return found


def note_outcome(link: Connection, error: str, wait_s: int, now: datetime) -> None:
    """Close a locked connection's circuit breaker after success, or open it for longer.

    wait_s   how long its other end asked to be left alone
    Saves nothing.
    """
    link.error = error[:300]
    if not error:
        link.failures, link.not_before = 0, None
        return
    link.failures = min(20, link.failures + 1)
    wait = max(wait_s, min(LONGEST, SHORTEST * 2 ** min(link.failures, 8)))
    link.not_before = now + timedelta(seconds=wait)
