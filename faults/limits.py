"""Says what each fault may cost: how long nothing is acknowledged, for how long calls fail, how long work waits.

Each follows from what the fault does, not from what a run happened to show: a killed worker stops nothing of the web,
PostgreSQL that is frozen for five seconds stops everybody for five.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from faults.availability import Availability
from faults.injections.fault import Fault

# What a run without any fault has, on two cores with product, clients and receivers on them.
CALM_GAP_S = 4.0  # a lock is waited for three seconds
CALM_EMPTY_S = 35.0  # a webhook that was answered badly waits for 12, and then for its turn
PACE = 2.0  # tries of a client that is refused, for one of a client that is answered
# What the product needs to come back.
POSTGRES_S = 8.0  # its supervisor notices, it replays its log, connections are opened anew
WEB_S = 25.0  # two processes of Django begin
UP_S = 60.0  # all of it, from the supervisor on
LEASE_S = 60.0  # after which another takes what a dead worker had
BREAKS_S = 1.0  # in which connections that were open are found broken


@dataclass(frozen=True)
class Limit:
    """What one strike of a fault may cost, beside what a calm run costs.

    silent_s    nothing is acknowledged
    failing_s   callers may be answered by 503
    dropping_s  connections may be refused, break, or bring no answer in time
    empty_s     what waited when it was over still waits
    """

    silent_s: float = 0.0
    failing_s: float = 0.0
    dropping_s: float = 0.0
    empty_s: float = 0.0

    @property
    def gap_s(self) -> float:
        """The longest time in which nothing may be acknowledged."""
        return CALM_GAP_S + self.silent_s

    @property
    def waits_s(self) -> float:
        """The longest time that what waited at a strike's end may still wait."""
        return CALM_EMPTY_S + self.empty_s


def _down(seconds: float, *, empty_s: float = LEASE_S) -> Limit:
    """The database answers nobody for so long: 503 at once, or an answer when it is back."""
    return Limit(silent_s=seconds, failing_s=seconds, empty_s=empty_s)


NOTHING = Limit()
LIMITS: Mapping[str, Limit] = {
    "none": NOTHING,
    "postgres-killed": _down(POSTGRES_S),
    "postgres-stopped": _down(POSTGRES_S),
    "backend-killed": _down(POSTGRES_S),
    "backends-ended": _down(BREAKS_S),
    "postgres-frozen": _down(5 + BREAKS_S),
    "connections-exhausted": _down(5 + POSTGRES_S),
    "long-transaction": Limit(silent_s=8, empty_s=8),
    "idle-in-transaction": Limit(silent_s=8, empty_s=8),
    "two-migrators": Limit(silent_s=2),
    "backup": Limit(silent_s=2),
    "valkey-killed": Limit(silent_s=2, empty_s=LEASE_S),
    "valkey-frozen": Limit(silent_s=2, empty_s=LEASE_S),
    "valkey-flushed": Limit(empty_s=LEASE_S),
    "web-killed": Limit(silent_s=WEB_S, dropping_s=WEB_S),
    "web-child-killed": Limit(dropping_s=BREAKS_S),
    "web-stopped": Limit(silent_s=WEB_S, dropping_s=WEB_S),
    "web-reloaded": Limit(silent_s=WEB_S, dropping_s=BREAKS_S),
    "web-frozen": Limit(silent_s=5),
    "worker-killed": Limit(empty_s=LEASE_S),
    "worker-child-killed": Limit(empty_s=LEASE_S),
    "slow-worker-killed": Limit(empty_s=LEASE_S),
    "beat-killed": NOTHING,
    "worker-frozen": NOTHING,
    "two-beats": NOTHING,
    "two-ups": NOTHING,
    "receivers-dead": NOTHING,
    "receivers-slow": Limit(empty_s=10),
    "receivers-failing": Limit(empty_s=72),  # the second wait of a webhook that was refused twice
    "clock-ahead": Limit(empty_s=LEASE_S),
    "clock-behind": Limit(empty_s=LEASE_S),
    "everything-killed": Limit(UP_S, UP_S / 4, UP_S, LEASE_S),
    "stopped-and-started": Limit(UP_S, UP_S / 4, UP_S),
    "receiver-returns": NOTHING,
    "postgres-cut": _down(3 + BREAKS_S),
    "postgres-silent": _down(5 + BREAKS_S),
    "postgres-lost": _down(5 + POSTGRES_S),
    "postgres-slow": Limit(silent_s=8),
    "valkey-cut": Limit(silent_s=2, empty_s=LEASE_S),
    "valkey-silent": Limit(silent_s=2, empty_s=LEASE_S),
    "valkey-slow": Limit(silent_s=2),
    "disk-full": _down(15 + POSTGRES_S),
}


def breaches(fault: Fault, seen: Availability, empty_s: float) -> list[str]:
    """What a fault cost beyond what it may; nothing where it kept to its limits."""
    limit = LIMITS[fault.name]
    found = []
    if seen.longest_gap_s > limit.gap_s:
        found.append(
            f"nothing was acknowledged for {seen.longest_gap_s:.1f} s, {limit.gap_s:.0f} s may be"
        )
    if empty_s > limit.waits_s:
        found.append(f"what waited still did {empty_s:.0f} s later, {limit.waits_s:.0f} s may be")
    for what, share, seconds in (
        ("answered by 5xx", seen.failed_share, limit.failing_s),
        ("dropped", seen.dropped_share, limit.dropping_s),
    ):
        most = share_of(seconds * fault.times, seen.lasted_s)
        if share > most:
            found.append(f"{share:.1%} of all tries were {what}, {most:.1%} may be")
    found += [
        f"{count} tries were answered by {status}: only 503 says that it may be tried again"
        for status, count in sorted(seen.failed_by.items())
        if status != "503"
    ]
    return found


def share_of(seconds: float, lasted_s: float) -> float:
    """Which share of all tries falls into so many seconds, at most: who is refused asks again sooner."""
    return min(1.0, PACE * seconds / max(lasted_s, 0.001))
