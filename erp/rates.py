"""Counts calls and attempts by their window, in Valkey, for every limit of the product.

Without Valkey each process counts for itself: a limit that is a little loose beats an API that stops because its cache
did.
"""

import time

import redis

from erp.valkey import valkey

WINDOW_S = 60


def within(name: str, limit: int) -> bool:
    """Count one attempt of `name`; tell whether it is among the first `limit` of this minute."""
    return increment(f"rate:{name}:{int(time.time() // WINDOW_S)}") <= limit


def wait_turn(name: str, most: int, window_s: int, *, patience_s: float = 60.0) -> bool:
    """Wait until one more call of `name` is among `most` of its window; whether that came in time.

    For calls that we make of others: every worker counts in the same place.
    """
    until = time.monotonic() + patience_s
    while increment(f"pace:{name}:{int(time.time() // window_s)}", 2 * window_s) > most:
        rest = window_s - time.time() % window_s
        if time.monotonic() + rest > until:
            return False
        time.sleep(rest)
    return True


_local: dict[str, int] = {}


def increment(name: str, lasts_s: int = 2 * WINDOW_S, *, by: int = 1) -> int:
    """Count one of a name and return how many there are; the count lasts so long after the last one.

    by   0 only asks, -1 takes one back
    """
    try:
        pipe = valkey().pipeline()
        pipe.incrby(name, by)
        pipe.expire(name, lasts_s)
        return int(pipe.execute()[0])
    except redis.RedisError:
        if len(_local) > 10_000:
            _local.clear()
        _local[name] = _local.get(name, 0) + by
        return _local[name]
