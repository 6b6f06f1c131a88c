"""Says what a fault is, and how one that cannot be injected says so."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from faults.world import World

OWN, PROXIED, SMALL_DISK = "own", "behind proxies", "on a small disk"


class CannotInject(Exception):
    """This machine cannot have the fault; the message says why. It counts as neither passed nor failed."""


class Missed(Exception):
    """The fault was injected and did not take: what the run shows says nothing."""


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    strike     a context manager: entered, the fault is there; left, the world is as it was before
    lasts_s    how long it is held; 0 where it is over at once
    times      how often it strikes in one run
    where      the world that it needs: the product as anybody starts it, behind proxies, on a small disk
    """

    name: str
    what: str
    strike: Callable[[World], AbstractContextManager[None]]
    lasts_s: float = 0.0
    times: int = 1
    where: str = OWN
