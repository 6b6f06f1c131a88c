"""Decides whether a carrier's number may be given to another parcel."""

from datetime import datetime, timedelta

ENDED = frozenset({"delivered", "returned", "cancelled"})
RESTS = timedelta(days=30)  # what has ended is looked up so long yet
FORGOTTEN = timedelta(days=120)  # after which carriers use a number again, whatever became of it


def may_reuse(*, status: str, shipped_at: datetime | None, now: datetime) -> bool:
    """Tell whether the number of a parcel may be another's: carriers use them again after months."""
    if shipped_at is None:
        return False
    return now - shipped_at > (RESTS if status in ENDED else FORGOTTEN)
