"""A law of each of many things, as one test."""

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

from tests.architecture.guards import relative


def of_each(things: Iterable[Any]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Make one test of a law of one thing: it asks the law of all of them, and names each that breaks it.

    A thing is a test's only argument, or a tuple of its arguments. As a test for each thing these were 14,000.
    """
    every = tuple(things)

    def law(test: Callable[..., None]) -> Callable[[], None]:
        @wraps(test)
        def of_all() -> None:
            __tracebackhide__ = True
            broken = []
            for thing in every:
                try:
                    test(*thing) if isinstance(thing, tuple) else test(thing)
                except AssertionError as why:
                    broken.append(f"{_called(thing)}: {why}")
            assert every, "there is nothing to ask"
            assert not broken, "\n".join(broken)

        del of_all.__wrapped__  # the runner would ask for the law's argument as a fixture
        return of_all

    return law


def _called(thing: Any) -> str:
    """A thing's name in what is said of it."""
    if isinstance(thing, tuple):
        return ", ".join(_called(one) for one in thing)
    return relative(thing) if isinstance(thing, Path) else str(thing)
