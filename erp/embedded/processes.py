"""Watches processes of this machine, and lets children die with their supervisor."""

import ctypes
import socket
import time
from collections.abc import Callable
from pathlib import Path


def answers(path: Path) -> bool:
    """Whether somebody listens on a Unix socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def runs(pid: int, program: str) -> bool:
    """Whether a process is there and is of that program."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return program.encode() in line.split(b"\0")[0]


def gone(pid: int, program: str) -> bool:
    """Whether a process of ours has ended."""
    return not runs(pid, program)


def is_buried(pid: int) -> bool:
    """Whether a number is nobody's, or of who lives: one that has ended keeps it until its parent has asked how."""
    try:
        return not Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except OSError:
        return True


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait for a condition, at most so long."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signum: int) -> Callable[[], None]:
    """Ask the kernel to send `signum` to a child whose supervisor was killed."""

    def before_exec() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signum)

    return before_exec
