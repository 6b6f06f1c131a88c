"""Knows what the work of this thread was started by: a request or a task, by an id that all its lines bear."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

# What a caller may name its request by. Long enough to be no phone number, too plain to be a name or an address.
WELL_FORMED = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9-]{16,64}\Z")


def _nobody() -> int | None:
    return None


@dataclass(slots=True)
class Origin:
    """What started this work.

    address   where a request came from
    task      the name of a background task
    actor     gives the id of who acts, as soon as that is known
    """

    request_id: str
    address: str = ""
    task: str = ""
    actor: Callable[[], int | None] = field(default=_nobody)


_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


def current_origin() -> Origin | None:
    """What started the work of this thread; None where nothing said so."""
    return _origin.get()


def current_request_id() -> str:
    """The id of the request that this work belongs to; "" where there is none."""
    origin = _origin.get()
    return origin.request_id if origin else ""


def new_request_id() -> str:
    """Make an id for a request that brings none."""
    return os.urandom(16).hex()


def accepted_request_id(stated: str) -> str:
    """The id that a caller states, where it is well-formed; else a new one."""
    return stated if WELL_FORMED.match(stated) else new_request_id()


@contextmanager
def started_by(origin: Origin) -> Iterator[None]:
    """Have all lines of this thread bear where the work came from."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)
