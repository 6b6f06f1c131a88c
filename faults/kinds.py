"""Tells which kinds of operation a load asked for and never brought about: of those a run says nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence

from faults.journal import READS, WRITES, Operation

KINDS = WRITES | READS
OFTEN = 12  # asked for so often, something is done at least once: half of what is rarest is refused, rightly
LONG = 800  # operations of a run in which every kind has its turn


def never_done(operations: Sequence[Operation], kinds: Iterable[str] = KINDS) -> list[str]:
    """Name each kind that never once succeeded, however often it was asked for.

    kinds   those that the load is made of; in a long run one that was never asked for is named, too
    """
    asked = Counter(op.kind for op in operations)
    done = Counter(op.kind for op in operations if op.happened)
    is_long = len(operations) >= LONG
    return [
        f"{kind}: asked for {asked[kind]} times, never once done{_why(operations, kind)}"
        for kind in sorted(kinds)
        if not done[kind] and (is_long or asked[kind] >= OFTEN)
    ]


def _why(operations: Sequence[Operation], kind: str) -> str:
    """The commonest answer to a kind that never came about."""
    codes = Counter(str(op.said.get("code", "")) for op in operations if op.kind == kind)
    return "".join(f" ({code or 'no answer'})" for code, _count in codes.most_common(1))
