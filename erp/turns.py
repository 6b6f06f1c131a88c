"""Asks workers for turns at a queue of rows, and has those that may take long leave processes to the others.

So many turns at once wait in the broker, however long the queue is. The rows are the record. A message to the broker
is a hint that there is work: it names no row, and one that is lost or comes twice changes nothing.
"""

import fcntl
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from itertools import islice
from typing import IO, Any

from celery import current_app, signals
from redis.exceptions import RedisError

from erp.celery import LONG, QUEUE_OF, SERVED_BY
from erp.valkey import valkey


def ask_for_turns(task: str, *, most: int) -> None:
    """Ask for as many turns of a task as are missing to `most`."""
    for _turn in range(most - _waiting(QUEUE_OF[task])):
        current_app.send_task(task, retry=False)


def ask_for_another(task: str) -> None:
    """Ask for the turn after this one."""
    current_app.send_task(task, retry=False)


def is_waiting(queue: str) -> bool:
    """Whether anything waits in a queue of the broker."""
    return _waiting(queue) > 0


def _waiting(queue: str) -> int:
    """Messages that wait in a queue of the broker; none where it does not answer."""
    try:
        return int(valkey().llen(queue))
    except RedisError:
        return 0


@dataclass(frozen=True)
class Places:
    """The places of long turns in one worker's pool: bytes of a file, each locked by the process that has it.

    The lock goes with its process, however that ends. `common` places are of whoever comes first. Behind them are
    those of tasks of which one runs at a time.
    """

    file: IO[bytes]
    common: int

    def of(self, queue: str) -> Sequence[int]:
        """The places that a queue may take: one of its own, then the common ones."""
        return [LONG.index(queue), *range(len(LONG), len(LONG) + self.common)]

    def of_task(self, name: str) -> int:
        """The place of a task of which one runs at a time."""
        return len(LONG) + self.common + ALONE.index(name)

    def take(self, place: int) -> bool:
        """Take a place; False where another process has it."""
        try:
            fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:
            return False
        return True

    def give_back(self, place: int) -> None:
        """Give a place back."""
        fcntl.lockf(self.file, fcntl.LOCK_UN, 1, place)


ALONE: list[str] = []  # tasks of which one runs at a time in a pool
_places: list[Places] = []  # of the worker that this process is of; elsewhere none are counted


@signals.celeryd_after_setup.connect
def open_places(instance: Any = None, **_: object) -> None:
    """Count, before a worker forks its pool, how many of its processes long turns may have: never all of them."""
    served = {
        kind for kind in LONG if SERVED_BY.get(kind, kind) in current_app.amqp.queues.consume_from
    }
    _places[:] = [places_for(int(instance.concurrency), len(served))]


def places_for(processes: int, served: int) -> Places:
    """The places in a pool: one is left to short tasks, and each of the long queues served has one of its own."""
    return Places(tempfile.TemporaryFile(), max(0, processes - 1 - served))


@contextmanager
def place_of(queue: str, *, alone: str = "") -> Iterator[bool]:
    """Take one of the places of a queue's long turns; False where none is free.

    alone   the name of a task of which one runs at a time in this pool; False where it does
    """
    places = next(iter(_places), None)
    if places is None:
        yield True
        return
    wanted = [places.of(queue), *([[places.of_task(alone)]] if alone else [])]
    taken: list[int] = []
    try:
        for among in wanted:
            taken += list(islice((n for n in among if places.take(n)), 1))
        yield len(taken) == len(wanted)
    finally:
        for place in taken:
            places.give_back(place)


def takes_a_place(
    queue: str, *, alone: str = ""
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Mark a task whose turn may take long: where its queue has no free place, the turn is left out.

    alone   its name, where a second one beside it in the same pool would find nothing to do but take a place
    The schedule asks again. Without it, whoever waits for a silent receiver, a slow mail server or a file that is
    hard to read had every process of the pool, and the heartbeat waited for them.
    """
    if alone:
        ALONE.append(alone)

    def marked(turn: Callable[..., None]) -> Callable[..., None]:
        @wraps(turn)
        def taken(*given: object, **named: object) -> None:
            with place_of(queue, alone=alone) as is_free:
                if is_free:
                    turn(*given, **named)

        taken.place = queue  # type: ignore[attr-defined]  # a law asks for it
        return taken

    return marked
