"""Watches the processes of web and workers, and of their readers: who they are, and what they hold at most."""

import contextlib
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from faults import processes
from faults.world import World

EVERY_S = 0.04
PARTS = ("web", "worker", "slow-worker")
KEEPER = "erp.sandbox.keeper"


def parts_of(world: World) -> dict[int, str]:
    """The part that each process belongs to: whoever serves, whoever keeps readers, each reader."""
    assert world.up is not None
    found: dict[int, str] = {}
    for root in processes.children_of(world.up.pid):
        part = processes.part_of(processes.command_of(root))
        if part in PARTS:
            _walk(root, part, found)
    return found


def _walk(pid: int, part: str, found: dict[int, str]) -> None:
    command = processes.command_of(pid)
    if not command:
        return
    is_reader = part in {"keeper", "reader"}
    found[pid] = "reader" if is_reader else "keeper" if KEEPER in command else part
    for child in processes.children_of(pid):
        _walk(child, found[pid], found)


def died(before: Mapping[int, str], after: Mapping[int, str]) -> list[str]:
    """Whoever served before and does not any more; readers come and go."""
    gone = [(part, pid) for pid, part in before.items() if part != "reader" and pid not in after]
    return [f"{part} {pid}" for part, pid in sorted(gone)]


class Watch:
    """Looks at every process many times a second, while a file is on its way."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.peaks: dict[str, float] = {}
        self._stop = threading.Event()
        self._before: dict[int, str] = {}

    def __enter__(self) -> "Watch":
        self._before = {pid: part for pid, part in parts_of(self.world).items() if part != "reader"}
        for pid in self._before:
            _forget_peak(pid)
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def deaths(self) -> list[str]:
        """Who is gone of those that were there when the watch began."""
        live = {pid: part for pid, part in parts_of(self.world).items() if processes.lives(pid)}
        return died(self._before, live)

    def _look(self) -> None:
        while not self._stop.is_set():
            for pid, part in parts_of(self.world).items():
                self.peaks[part] = max(self.peaks.get(part, 0.0), peak_mb(pid))
            time.sleep(EVERY_S)


def peak_mb(pid: int) -> float:
    """Megabytes that a process held at most since it began, or since its peak was forgotten; 0 where it is gone."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
    return 0.0


def _forget_peak(pid: int) -> None:
    """Begin to count anew (proc(5), clear_refs: 5)."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")
