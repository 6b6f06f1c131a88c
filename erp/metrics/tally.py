"""Counts in memory, and adds it up in Valkey every two seconds for all processes of all machines.

Counting costs a microsecond and no network, so that the hottest verbs may count. What a process has counted since it
last added up is lost when it is killed; where Valkey does not answer, it is kept until it does.
"""

import os
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping

from redis.exceptions import RedisError

from erp.metrics.series import HISTOGRAMS
from erp.valkey import valkey

KEY = "metrics"  # one hash: name and labels -> number
EVERY_S = 2.0
MOST = 20_000  # different counts that a process holds; what is beyond is not counted
APART = "\x1f"

_counts: dict[str, float] = {}
_lock = threading.Lock()
_adder: threading.Thread | None = None


def count(name: str, *labels: str, by: float = 1) -> None:
    """Count something that a series of `erp.metrics.series` names, with its labels in order."""
    _add({APART.join((name, *labels)): by})


def observe(name: str, seconds: float, *labels: str) -> None:
    """Count how long something took, in the bucket that it falls into."""
    buckets = HISTOGRAMS[name][1]
    place = bisect_left(buckets, seconds)
    head = APART.join((name, *labels))
    _add({f"{head}{APART}{place}": 1, f"{head}{APART}sum": seconds})


def _add(some: Mapping[str, float]) -> None:
    with _lock:
        for key, by in some.items():
            if key in _counts or len(_counts) < MOST:
                _counts[key] = _counts.get(key, 0) + by
    if _adder is None or not _adder.is_alive():
        _start()


def add_up() -> None:
    """Add what this process has counted to what all have. Where Valkey does not answer, it is kept."""
    with _lock:
        some = dict(_counts)
        _counts.clear()
    if not some:
        return
    try:
        pipe = valkey().pipeline(transaction=True)
        for key, by in some.items():
            pipe.hincrbyfloat(KEY, key, by)
        pipe.execute()
    except RedisError:
        with _lock:
            for key, by in some.items():
                _counts[key] = _counts.get(key, 0) + by


def totals() -> dict[tuple[str, ...], float]:
    """What all processes have counted, by name and labels. Raises RedisError."""
    add_up()
    found: Mapping[bytes, bytes] = valkey().hgetall(KEY)  # type: ignore[assignment]
    return {tuple(key.decode().split(APART)): float(n) for key, n in found.items()}


def _start() -> None:
    global _adder
    with _lock:
        if _adder is None or not _adder.is_alive():
            _adder = threading.Thread(target=_run, name="tally", daemon=True)
            _adder.start()


def _run() -> None:
    while True:
        time.sleep(EVERY_S)
        add_up()


def _begin_anew() -> None:
    """After a fork the child has no thread, and what it inherited is its parent's to add up."""
    global _adder, _lock
    _adder, _lock = None, threading.Lock()
    _counts.clear()


os.register_at_fork(after_in_child=_begin_anew)
