"""Marks subscribers that act on several events at once: what a bulk of orders needs is read and written in sets."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from erp.events.models import Event


class ActsInSets(Protocol):
    """A subscriber of a set: it is told all its events of a batch, of different subjects each."""

    def __call__(self, *, events: Sequence[Event], now: datetime) -> None: ...


def acts_in_sets(act: ActsInSets) -> ActsInSets:
    """Mark a subscriber that takes `events`, of which no two have the same subject, in place of one `event`."""
    act.__dict__["acts_in_sets"] = True
    return act


def takes_sets(act: Callable[..., None]) -> bool:
    """Whether a subscriber is one of those."""
    return getattr(act, "acts_in_sets", False)
