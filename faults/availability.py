"""Measures from a journal what a fault cost its callers: answers that failed, and how long none came."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from faults.journal import READS, WRITES, Operation

NOT_OURS = frozenset(
    {"hung-up", "409", "429"}
)  # the client's own doing, or an answer that is right


@dataclass(frozen=True)
class Availability:
    """What callers saw while it lasted.

    acknowledged   operations that changed something and were answered so; `orders` of them placed one
    unknown        operations of which nobody knows how they came out
    tries          how often something was asked for, whatever came of it
    failed         tries that were answered by 5xx
    dropped        tries whose connection was refused, broke, or brought no answer in time
    longest_gap_s  the longest time in which nothing was acknowledged, of the `lasted_s` in all
    """

    acknowledged: int
    orders: int
    refused: int
    unknown: int
    tries: int
    failed: int
    failed_by: dict[str, int]
    dropped: int
    longest_gap_s: float
    lasted_s: float

    @property
    def failed_share(self) -> float:
        return self.failed / max(1, self.tries)

    @property
    def dropped_share(self) -> float:
        return self.dropped / max(1, self.tries)


def availability_of(operations: Sequence[Operation], began: float, ended: float) -> Availability:
    """Measure what happened between two moments of the journal's clock."""
    writes = [op for op in operations if op.kind in WRITES]
    bad = Counter(how for op in operations for how in op.tries if how not in NOT_OURS)
    failed = {how: count for how, count in sorted(bad.items()) if how.startswith("5")}
    moments = sorted(op.ended_at for op in writes if op.happened and began <= op.ended_at <= ended)
    marks = [began, *moments, ended]
    return Availability(
        acknowledged=sum(op.happened for op in writes),
        orders=sum(op.happened for op in writes if op.is_placing),
        refused=sum(op.outcome == "fail" for op in writes),
        unknown=sum(op.outcome == "unknown" for op in writes),
        tries=sum(bad.values()) + sum(map(_is_answered, operations)),
        failed=sum(failed.values()),
        failed_by=failed,
        dropped=sum(bad.values()) - sum(failed.values()),
        longest_gap_s=max(b - a for a, b in pairwise(marks)),
        lasted_s=ended - began,
    )


def _is_answered(op: Operation) -> bool:
    """Whether an operation's last try brought an answer; of those that were asked for in one call, the first's."""
    if op.kind in READS and op.tries:
        return False  # what is read is asked for once
    return op.outcome != "unknown" and not op.asked.get("nth")
