"""Reads what seldom changes once for a turn of background work, not once for each of its rows.

Of a bulk of orders each mail asked again for the company, its zone and its channel, each event for the job's actor.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_memory: ContextVar[dict[Hashable, object] | None] = ContextVar("memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Until this block ends, remember what `remembered` functions of this thread have read.

    For one transaction or a few seconds: what is changed meanwhile is seen by the next block. Blocks may nest.
    """
    if _memory.get() is not None:
        yield
        return
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(read: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that reads what seldom changes, by arguments that are hashable; its result is not to be changed.

    Outside a block of `remembering` it reads each time.
    """

    @wraps(read)
    def reading(*given: P.args, **named: P.kwargs) -> R:
        memory = _memory.get()
        if memory is None:
            return read(*given, **named)
        key = (read, given, tuple(sorted(named.items())))
        if key not in memory:
            memory[key] = read(*given, **named)
        found: R = memory[key]  # type: ignore[assignment]  # what this function returned for this key
        return found

    return reading
