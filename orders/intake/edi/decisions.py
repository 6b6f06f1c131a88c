"""Decides the acknowledgement of each line: accepted, later, fewer or rejected."""

from collections.abc import Sequence
from dataclasses import dataclass

ACCEPTED, BACKORDERED, CHANGED, REJECTED = "accepted", "backordered", "changed", "rejected"


@dataclass(frozen=True, slots=True)
class LineState:
    """Where the units of a line are. `key` is the partner's own number of the line."""

    key: str
    code: str
    ordered: int
    cancelled: int
    backordered: int
    price: str  # net of tax, as ordered


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What a line is answered. `accepted` counts what is promised, `later` what of it is waited for."""

    line: LineState
    code: str
    accepted: int
    later: int


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    code: str  # accepted, changed, rejected
    lines: Sequence[LineAnswer]


def answer(status: str, lines: Sequence[LineState]) -> OrderAnswer:
    """Decide the acknowledgement of an order that was confirmed or has ended."""
    if status in {"cancelled", "rejected", "expired"}:
        return OrderAnswer(REJECTED, [LineAnswer(line, REJECTED, 0, 0) for line in lines])
    answered = [_line(line) for line in lines]
    codes = {each.code for each in answered}
    whole = ACCEPTED if codes == {ACCEPTED} else REJECTED if codes == {REJECTED} else CHANGED
    return OrderAnswer(whole, answered)


def _line(line: LineState) -> LineAnswer:
    accepted = line.ordered - line.cancelled
    if accepted <= 0:
        return LineAnswer(line, REJECTED, 0, 0)
    if line.cancelled:
        return LineAnswer(line, CHANGED, accepted, line.backordered)
    code = BACKORDERED if line.backordered else ACCEPTED
    return LineAnswer(line, code, accepted, line.backordered)
