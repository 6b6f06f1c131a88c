"""Runs faults one after another, those that need the same kind of world in the same one."""

import contextlib
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import psycopg2

from faults.injections.database import small_disk
from faults.injections.fault import OWN, PROXIED, SMALL_DISK, CannotInject, Fault
from faults.runs import Run, run
from faults.world import NotWhole, World

DISK_MB = 700
WORLDS = (OWN, PROXIED, SMALL_DISK)


def run_all(
    faults: Sequence[Fault],
    *,
    seconds: float,
    orders: int = 0,
    done: Sequence[Run] = (),
    tell: Callable[[Run], None] = lambda _run: None,
) -> list[Run]:
    """Run faults in the worlds that they need; a world that did not come back is given up for another.

    orders   how many are to be acknowledged in all; each fault has its share of those that are missing
    done     what came of some of them before: they are not run again
    tell     is told of each run as soon as it is over
    """
    found, known = list(done), {run.fault.name for run in done}
    left = sorted(
        (fault for fault in faults if fault.name not in known),
        key=lambda fault: WORLDS.index(fault.where),
    )
    total = len(left) + len(done)

    def next_share() -> int:
        return share(orders, found, total - len(found))

    for where, group in groupby(left, key=lambda fault: fault.where):
        waiting = list(group)
        while waiting:
            for one in _in_one_world(where, waiting, seconds, next_share):
                found.append(one)
                tell(one)
    return found


def share(orders: int, found: Sequence[Run], left: int) -> int:
    """How many orders the next of the faults that are left has to see acknowledged."""
    missing = orders - sum(run.seen.orders for run in found if run.seen)
    return max(0, math.ceil(missing / max(1, left)))


def _in_one_world(
    where: str, waiting: list[Fault], seconds: float, orders: Callable[[], int]
) -> Iterator[Run]:
    """Run what waits until something does not come back; what was run is taken off."""
    try:
        with world_of(where) as world:
            while waiting:
                one = run(world, waiting.pop(0), seconds=seconds, orders=orders())
                yield one
                if one.wrong and not _goes_on(world):
                    return
    except CannotInject as cannot:
        while waiting:
            yield Run(waiting.pop(0), cannot=str(cannot))
    except NotWhole as trouble:
        if waiting:
            yield Run(waiting.pop(0), wrong=[f"NotWhole: {trouble}"])


def _goes_on(world: World) -> bool:
    """Whether a world in which something went wrong is whole all the same, and nothing waits in it."""
    try:
        world.wait_until_whole(30)
        return world.due() == 0
    except (NotWhole, OSError, psycopg2.Error):
        return False


@contextlib.contextmanager
def world_of(where: str) -> Iterator[World]:
    """Start the world that a fault needs."""
    if where != SMALL_DISK:
        with World(behind_proxies=where == PROXIED).running() as world:
            yield world
        return
    folder = Path(tempfile.mkdtemp(prefix="tl-small-disk-"))
    try:
        with small_disk(folder, DISK_MB), World(room=folder).running() as world:
            yield world
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()
