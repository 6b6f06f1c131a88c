"""Reads one file in a process of its own, within its limits, and sends what it reads."""

import resource
import socket
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

import msgspec
from django.utils import translation

from erp.logs.faults import traced
from erp.sandbox.packets import packed, send_message

AT_ONCE, A_MESSAGE = 500, 256 * 1024  # things of one message, and its bytes
STILL_OPEN = 16  # files that a reader may have open


def read(
    *,
    to: socket.socket,
    file: int,
    told: int,
    reader: str,
    language: str,
    memory: int,
    cpu_s: int,
) -> None:
    """Call a reader with a stream of the file; send what it yields, then how it ended.

    told   a file of the arguments, which are its caller's: of any length, and decoded in this process alone
    {"read": […]} for some of what it yields, {"end": "done"}, {"end": "refused", "what": class, "said": {…}},
    {"end": "stopped", "what": "memory"}, or {"end": "failed", "what": where it did, without values}.
    """
    try:
        module, _colon, name = reader.partition(":")
        call = getattr(import_module(module), name)
        _limit(memory, cpu_s)
        with open(told, "rb") as given:
            arguments = msgspec.msgpack.decode(given.read(), type=dict[str, Any])
        with translation.override(language), open(file, "rb") as stream:
            for some in _batches(call(stream, **arguments)):
                send_message(to, {"read": some})
        ending: dict[str, object] = {"end": "done"}
    except (BrokenPipeError, ConnectionError):  # nobody wants the rest
        return
    except (MemoryError, RecursionError):
        ending = {"end": "stopped", "what": "memory"}
    except Exception as error:
        ending = _ending_of(error)
    send_message(to, ending)


def _batches(things: Iterable[object]) -> Iterator[list[msgspec.Raw]]:
    """Things by messages, each packed by itself: so many of them, or as many as make a message of its size."""
    batch: list[msgspec.Raw] = []
    size = 0
    try:
        for thing in things:
            data = packed(thing)
            batch.append(msgspec.Raw(data))
            size += len(data)
            if len(batch) == AT_ONCE or size >= A_MESSAGE:
                yield batch
                batch, size = [], 0
    finally:  # what was read before a refusal is read
        if batch:
            yield batch


def _ending_of(error: Exception) -> dict[str, object]:
    try:
        said = error.said()  # type: ignore[attr-defined]  # of refusals alone
    except AttributeError:
        return {"end": "failed", "what": traced(error)[:4000]}
    return {"end": "refused", "what": type(error).__name__, "said": said}


def _limit(memory: int, cpu_s: int) -> None:
    """Limit this process: beyond it allocating fails, and the kernel ends what goes on."""
    with open("/proc/self/statm") as pages:
        has = int(pages.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (has + memory, has + memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (STILL_OPEN, STILL_OPEN))
