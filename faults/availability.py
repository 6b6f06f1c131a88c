"""Measures from a journal what a fault cost its callers: answers that failed, and how long none came."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from faults.journal import WRITES, Operation

NOT_OURS = frozenset(
    {"hung-up", "409", "429"}
)  # the client's own doing, or an answer that is right


@dataclass(frozen=True)
class Availability:
    """What callers saw while it lasted.

    acknowledged   operations that changed something and were answered so
    failed         tries that were answered by 5xx
    dropped        tries whose connection was refused, broke, or brought no answer in time
    unknown        operations of which nobody knows how they came out
    longest_gap_s  the longest time in which nothing was acknowledged
    """

    acknowledged: int
    refused: int
    unknown: int
    failed: int
    failed_by: dict[str, int]
    dropped: int
    longest_gap_s: float


def availability_of(operations: Sequence[Operation], began: float, ended: float) -> Availability:
    """Measure what happened between two moments of the journal's clock."""
    writes = [op for op in operations if op.kind in WRITES]
    tries = Counter(how for op in operations for how in op.tries if how not in NOT_OURS)
    failed = {how: count for how, count in sorted(tries.items()) if how.startswith("5")}
    moments = sorted(op.ended_at for op in writes if op.happened and began <= op.ended_at <= ended)
    marks = [began, *moments, ended]
    return Availability(
        acknowledged=sum(op.happened for op in writes),
        refused=sum(op.outcome == "fail" for op in writes),
        unknown=sum(op.outcome == "unknown" for op in writes),
        failed=sum(failed.values()),
        failed_by=failed,
        dropped=sum(tries.values()) - sum(failed.values()),
        longest_gap_s=max(b - a for a, b in pairwise(marks)),
    )
