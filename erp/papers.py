"""Says what a paper is to a message that brings it."""

from collections.abc import Callable
from typing import NamedTuple


class Paper(NamedTuple):
    """A file that a message brings: what it says is read with those of other messages, and printed when it is sent."""

    name: str
    pdf: Callable[[], bytes]
