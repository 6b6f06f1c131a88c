"""Runs one fault: load with a journal, the fault in the middle of it, rest, and the verdict."""

import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg2

from faults import journal
from faults.availability import Availability, availability_of
from faults.findings import Marks, gathered
from faults.injections.fault import CannotInject, Fault
from faults.journal import Journal
from faults.kinds import never_done
from faults.limits import breaches
from faults.load import MIX, Load, kinds_of
from faults.readiness import Look, Readiness, said_ready
from faults.verdict import Verdict, judge
from faults.world import NotWhole, World

EMPTY_S = 480.0  # in which everything that waits has to be done: a webhook that failed thrice waits for 300
CROWD = (
    300  # events, mails and webhooks that wait: what comes faster than it is done waits ever longer
)
REACH_S = 300.0  # at most for so many acknowledged orders as were asked for


@dataclass(frozen=True)
class Run:
    """What came of a fault.

    empty_s  how long, after its last strike, something of before still waited
    cannot   why it was not injected here: then there is nothing else
    wrong    what went wrong with the run itself: the product did not come back, the fault did not take
    late     what it cost beyond what it may
    took_s   how long all of it lasted
    """

    fault: Fault
    seen: Availability | None = None
    verdict: Verdict | None = None
    empty_s: float = 0.0
    cannot: str = ""
    wrong: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def is_good(self) -> bool:
        return not self.told()

    def told(self) -> list[str]:
        """What is wrong, in words."""
        found = self.verdict.told() if self.verdict else []
        return [*self.wrong, *found, *(f"late: {text}" for text in self.late)]


@dataclass(frozen=True)
class Span:
    """When clients were at work, how long something of before the last strike's end waited, what /readyz said."""

    began: float
    ended: float
    empty_s: float
    looks: Sequence[Look] = ()


def run(
    world: World,
    fault: Fault,
    *,
    seconds: float,
    orders: int = 0,
    mix: Mapping[str, int] = MIX,
) -> Run:
    """Run a fault.

    seconds   how long clients are at work before, between and after its strikes, in all
    orders    go on until so many orders are acknowledged, at most for REACH_S
    mix       what the clients do
    """
    began = time.monotonic()
    try:
        marks = Marks(world)
        path = world.folder / f"journal-{fault.name}-{time.monotonic_ns()}"
        log = Journal(path)
        load = Load(world.port, log, world.keys, mix)
        wrong: list[str] = []
        try:
            span = _under_load(world, fault, load, seconds, orders, wrong)
        except CannotInject as cannot:
            return Run(fault, cannot=str(cannot))
        finally:
            load.stop()
            log.close()
        wrong += load.errors
        one = _judged(world, fault, marks, path, span, wrong)
    except NotWhole as trouble:
        one = Run(fault, wrong=[f"NotWhole: {trouble}"])
    except (OSError, psycopg2.Error) as trouble:  # what we asked past the product did not answer
        one = Run(fault, wrong=[f"{type(trouble).__name__}: {trouble}"])
    if one.seen is not None:
        operations = journal.read(path)
        one.wrong.extend(too_little(one.seen, orders) + never_done(operations, kinds_of(mix)))
        one.late.extend(breaches(fault, one.seen, one.empty_s))
    return replace(one, took_s=time.monotonic() - began)


def _under_load(
    world: World, fault: Fault, load: Load, seconds: float, orders: int, wrong: list[str]
) -> Span:
    """Let clients work while the fault strikes; what goes wrong with it is noted, and clients work on."""
    began = time.monotonic()
    empty_s = float("inf")
    load.start()
    over = threading.Event()
    watch = threading.Thread(target=_watch, args=(world, load, over), daemon=True)
    watch.start()
    ready = Readiness(world.url("/readyz"))
    ready.start()
    try:
        pause = seconds / (fault.times + 1)
        _strike(world, fault, pause)
        empty_s = _worked_on(world, load, pause, orders)
    except CannotInject:
        raise
    except (
        Exception
    ) as trouble:  # Missed, NotWhole, or what nobody foresaw: others are run all the same
        wrong.append(f"{type(trouble).__name__}: {trouble}")
    finally:
        over.set()
        watch.join(30)
        ready.stop()
    return Span(began, time.monotonic(), empty_s, ready.looks)


def _watch(world: World, load: Load, over: threading.Event) -> None:
    """Have clients place fewer at once while much waits: the time that work waits is the fault's, not the load's."""
    while not over.wait(1.0):
        with contextlib.suppress(OSError, psycopg2.Error):
            load.is_crowded = world.due() > CROWD


def _strike(world: World, fault: Fault, pause: float) -> None:
    for _time in range(fault.times):
        time.sleep(pause)
        with fault.strike(world):
            time.sleep(fault.lasts_s)


def _worked_on(world: World, load: Load, pause: float, orders: int) -> float:
    """Let clients work on, and until there are orders enough and nothing of before waits; how long it did.

    It is measured while they work, as it is where people do; waiting without them was most of a run's time.
    """
    began, mark, empty_s = time.monotonic(), world.mark(), float("inf")
    while (now := time.monotonic() - began) < REACH_S:
        if empty_s == float("inf") and world.due_before(mark) == 0:
            empty_s = now
        if now >= pause and load.placed >= orders and empty_s < float("inf"):
            break
        time.sleep(0.5)
    return empty_s


def _judged(
    world: World, fault: Fault, marks: Marks, path: Path, span: Span, wrong: list[str]
) -> Run:
    try:
        world.wait_until_nothing_is_due(EMPTY_S)
    except NotWhole as trouble:
        wrong.append(f"NotWhole: {trouble}")
    operations = journal.read(path)
    wrong += said_ready(span.looks, operations)
    verdict = judge(operations, gathered(world, marks, operations))
    seen = availability_of(operations, span.began, span.ended)
    return Run(fault, seen, verdict, span.empty_s, "", wrong)


def too_little(seen: Availability, orders: int) -> list[str]:
    """What makes a run prove nothing: a load whose every call was refused lost nothing either."""
    least = max(1, orders)
    if seen.orders >= least:
        return []
    return [f"{seen.orders} orders were acknowledged, at least {least} were to be."]
