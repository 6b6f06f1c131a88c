"""Limits the calls of an API key per minute: a fixed window."""

import time
from dataclasses import dataclass

from erp.access.models import Actor
from erp.rates import WINDOW_S, increment


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
    used = increment(f"rate:{actor.pk}:{window}")
    return Allowance(limit, limit - used, max(1, int((window + 1) * WINDOW_S - now)))
