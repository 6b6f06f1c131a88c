"""Limits the calls of an API key per minute: a fixed window counted in Valkey.

Without Valkey each web process counts for itself: a limit that is a little loose beats an API that
stops because its cache did.
"""

import time
from dataclasses import dataclass

import redis
from django.conf import settings
from django.http import HttpRequest

from erp.access.models import Actor
from erp.valkey import valkey

WINDOW_S = 60


@dataclass(frozen=True)
class Allowance:
    """What a key has left in this minute. `remaining` below zero: this call is one too many."""

    limit: int
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """Return the RateLimit fields of the IETF draft."""
        left = max(0, self.remaining)
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={WINDOW_S}',
            "RateLimit": f'"default";r={left};t={self.reset_s}',
        }


def count_call(actor: Actor) -> Allowance | None:
    """Count one call of an API key; None for a key without a limit."""
    limit = actor.rate_per_minute
    if limit is None:
        return None
    now = time.time()
    window = int(now // WINDOW_S)
    used = _increment(f"rate:{actor.pk}:{window}")
    return Allowance(limit, limit - used, max(1, int((window + 1) * WINDOW_S - now)))


def client_address(request: HttpRequest) -> str:
    """Return the caller's address: of the connection, or as our own proxies report it.

    `TRUSTED_PROXIES` is how many of our proxies a request passes, each of which adds the address
    it saw to X-Forwarded-For; what stands left of theirs is whatever the caller wrote.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    if proxies and len(forwarded) >= proxies and (address := forwarded[-proxies].strip()):
        return str(address[:45])
    return str(request.META["REMOTE_ADDR"])


def within(name: str, limit: int) -> bool:
    """Count one attempt of `name`; tell whether it is among the first `limit` of this minute."""
    return _increment(f"rate:{name}:{int(time.time() // WINDOW_S)}") <= limit


def wait_turn(name: str, most: int, window_s: int, *, patience_s: float = 60.0) -> bool:
    """Wait until one more call of `name` is among `most` of its window; whether that came in time.

    For calls that we make of others: every worker counts in the same place.
    """
    until = time.monotonic() + patience_s
    while _increment(f"pace:{name}:{int(time.time() // window_s)}", 2 * window_s) > most:
        rest = window_s - time.time() % window_s
        if time.monotonic() + rest > until:
            return False
        time.sleep(rest)
    return True


_local: dict[str, int] = {}


def _increment(name: str, lasts_s: int = 2 * WINDOW_S) -> int:
    try:
        pipe = valkey().pipeline()
        pipe.incr(name)
        pipe.expire(name, lasts_s)
        return int(pipe.execute()[0])
    except redis.RedisError:
        if len(_local) > 10_000:
            _local.clear()
        _local[name] = _local.get(name, 0) + 1
        return _local[name]
