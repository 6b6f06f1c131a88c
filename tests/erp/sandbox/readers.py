"""Readers that misbehave in every way a foreign file has made one."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

MB = 1024 * 1024


class Refused(Exception):
    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)

    def said(self) -> dict[str, str]:
        return {"why": self.why}


def lines(stream: IO[bytes], *, most: int = 10**9) -> Iterator[str]:
    for number, line in enumerate(stream):
        if number == most:
            raise Refused(f"line {number}")
        yield line.decode().strip()


def allocates(stream: IO[bytes]) -> Iterator[int]:
    yield len(b"x" * (900 * MB))


def allocates_by_and_by(stream: IO[bytes]) -> Iterator[int]:
    kept = []
    while True:
        kept.append(b"x" * MB)
        yield len(kept)


def aborts(stream: IO[bytes]) -> Iterator[int]:
    """As a native parser does whose allocation failed."""
    yield 1
    os.abort()


def breaks(stream: IO[bytes]) -> Iterator[int]:
    os.kill(os.getpid(), signal.SIGSEGV)
    yield 1


def leaves(stream: IO[bytes]) -> Iterator[int]:
    os._exit(3)
    yield 1


def computes(stream: IO[bytes]) -> Iterator[int]:
    while True:
        pass
    yield 1


def sleeps(stream: IO[bytes]) -> Iterator[int]:
    time.sleep(60)
    yield 1


def nests(stream: IO[bytes]) -> Iterator[int]:
    def again(n: int) -> int:
        return again(n + 1) + 1

    yield again(0)


def talks(stream: IO[bytes]) -> Iterator[str]:
    while True:
        yield "x" * 100_000


def shouts(stream: IO[bytes]) -> Iterator[str]:
    yield "x" * (4 * MB)


def fails(stream: IO[bytes]) -> Iterator[int]:
    yield 1 // 0


def writes(stream: IO[bytes], *, path: str) -> Iterator[int]:
    yield Path(path).write_text("a file of the sandbox")


def knows(stream: IO[bytes]) -> Iterator[str]:
    """All that its process was told by whoever started it."""
    yield from (f"{name}={value}" for name, value in os.environ.items())


def has_open(stream: IO[bytes]) -> Iterator[str]:
    for fd in set(os.listdir("/proc/self/fd")) - {"0", "1", "2"}:
        with contextlib.suppress(FileNotFoundError):  # what lists them
            yield os.readlink(f"/proc/self/fd/{fd}")


def numbers(stream: IO[bytes], *, most: int) -> Iterator[int]:
    yield from range(most)


def measures(stream: IO[bytes], *, told: str) -> Iterator[int]:
    yield len(told)


def halves(stream: IO[bytes]) -> Iterator[object]:
    """What a name is whose bytes are no UTF-8."""
    yield {"name": ["order-\udcb6\udca9.csv"], "bytes": b"\xff"}
