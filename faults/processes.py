"""Finds the processes of the product by their parents, and sends them signals: never one that is somebody else's."""

import contextlib
import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path


def children_of(pid: int) -> list[int]:
    """The children of a process, oldest first."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return sorted(found)


def family_of(pid: int) -> list[int]:
    """A process and all that descend from it."""
    return [pid, *(one for child in children_of(pid) for one in family_of(child))]


def command_of(pid: int) -> str:
    """The command line of a process; "" where it has ended."""
    with contextlib.suppress(OSError):
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    return ""


def lives(pid: int) -> bool:
    """Whether a process runs: one that has ended and waits for its parent does not."""
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def part_of(command: str) -> str:
    """Which part of the product a command line is of; "" for none."""
    words = command.split()
    if "celery" in words:
        if "beat" in words:
            return "beat"
        return "slow-worker" if "slow-worker@" in command else "worker"
    if "gunicorn" in words:
        return "web"
    program = words[0].rpartition("/")[2] if words else ""
    return {"postgres": "postgres", "valkey-server": "valkey"}.get(program, "")


def alike(pid: int) -> list[int]:
    """The children of a process that do the same work and live: not the readers that it keeps."""
    part = part_of(command_of(pid))
    return [one for one in children_of(pid) if lives(one) and part_of(command_of(one)) == part]


def send(pids: Iterable[int], signum: int) -> int:
    """Send a signal to processes; how many were there to get it."""
    sent = 0
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)
            sent += 1
    return sent


@contextlib.contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """Keep processes from running, whatever is asked of them."""
    send(pids, signal.SIGSTOP)
    try:
        yield
    finally:
        send(pids, signal.SIGCONT)
