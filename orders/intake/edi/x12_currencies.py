"""Finds the currencies that a purchase order of ANSI X12 names (CUR)."""

from collections.abc import Sequence

from orders.intake.edi.x12_dates import Segment, at

NO_HEAD = frozenset({"PO1", "SAC", "ITA"})  # a CUR behind one of these is of that


def currencies_of(segments: Sequence[Segment]) -> tuple[str, set[str]]:
    """The currency of the whole, "" where none is named, and all that are named anywhere.

    It is the head's; without one, what every line names.
    """
    head, by_line, is_head = "", list[str](), True
    named: set[str] = set()
    for segment in segments:
        is_head = is_head and segment[0] not in NO_HEAD
        if segment[0] == "PO1":
            by_line.append("")
        elif segment[0] == "CUR":
            named |= {at(segment, 2), at(segment, 5)}
            if is_head:
                head = head or at(segment, 2)
            elif by_line:
                by_line[-1] = by_line[-1] or at(segment, 2)
    of_lines = by_line[0] if by_line and all(by_line) else ""
    return head or of_lines, named
