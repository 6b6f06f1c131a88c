"""Runs one fault: load with a journal, the fault in the middle of it, rest, and the verdict."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from faults import journal
from faults.availability import Availability, availability_of
from faults.findings import Marks, gathered
from faults.injections.fault import CannotInject, Fault
from faults.journal import Journal
from faults.load import Load
from faults.verdict import Verdict, judge
from faults.world import NotWhole, World

EMPTY_S = 480.0  # in which everything that waits has to be done: a webhook that failed thrice waits for 300
REACH_S = 300.0  # at most for so many acknowledged operations as were asked for


@dataclass(frozen=True)
class Run:
    """What came of a fault.

    cannot   why it was not injected here: then there is nothing else
    wrong    what went wrong with the run itself: the product did not come back, the fault did not take
    """

    fault: Fault
    seen: Availability | None = None
    verdict: Verdict | None = None
    empty_s: float = 0.0
    cannot: str = ""
    wrong: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.wrong and (self.verdict is None or self.verdict.is_good)

    def told(self) -> list[str]:
        """What is wrong, in words."""
        return self.wrong + (self.verdict.told() if self.verdict else [])


def run(world: World, fault: Fault, *, seconds: float, orders: int = 0) -> Run:
    """Run a fault.

    seconds   how long clients are at work before, between and after its strikes, in all
    orders    go on until so many operations are acknowledged
    """
    try:
        marks = Marks(world)
        path = world.folder / f"journal-{fault.name}-{time.monotonic_ns()}"
        log = Journal(path)
        load = Load(world.port, log, world.keys)
        began = time.monotonic()
        load.start()
        wrong: list[str] = []
        try:
            _strike(world, fault, load, seconds, orders)
        except CannotInject as cannot:
            return Run(fault, cannot=str(cannot))
        except (
            Exception
        ) as trouble:  # Missed, NotWhole, or what nobody foresaw: the others are run all the same
            wrong.append(f"{type(trouble).__name__}: {trouble}")
        finally:
            ended = time.monotonic()
            load.stop()
            log.close()
        wrong += load.errors
        return _judged(world, fault, marks, path, (began, ended), wrong, orders)
    except NotWhole as trouble:
        return Run(fault, wrong=[f"NotWhole: {trouble}"])


def _strike(world: World, fault: Fault, load: Load, seconds: float, orders: int) -> None:
    """Clients work, the fault strikes, clients work on; so often as it strikes."""
    pause = seconds / (fault.times + 1)
    for _time in range(fault.times):
        time.sleep(pause)
        with fault.strike(world):
            time.sleep(fault.lasts_s)
    time.sleep(pause)
    deadline = time.monotonic() + REACH_S
    while load.acknowledged < orders and time.monotonic() < deadline:
        time.sleep(0.2)


def _judged(
    world: World,
    fault: Fault,
    marks: Marks,
    path: Path,
    span: tuple[float, float],
    wrong: list[str],
    orders: int,
) -> Run:
    empty_s = float("inf")
    try:
        empty_s = world.wait_until_nothing_is_due(EMPTY_S)
    except NotWhole as trouble:
        wrong.append(f"NotWhole: {trouble}")
    operations = journal.read(path)
    verdict = judge(operations, gathered(world, marks, operations))
    seen = availability_of(operations, *span)
    return Run(fault, seen, verdict, empty_s, "", wrong + too_little(seen, orders))


def too_little(seen: Availability, orders: int) -> list[str]:
    """What makes a run prove nothing: a load whose every call was refused lost nothing either."""
    least = max(1, orders)
    if seen.acknowledged >= least:
        return []
    return [f"{seen.acknowledged} operations were acknowledged, at least {least} were to be."]
