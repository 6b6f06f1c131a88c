"""Judges the units of each SKU by what clients were answered: what came, what left, what is promised."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from faults.journal import PLACINGS, Operation

COMES = frozenset(
    {"receive", "adjust"}
)  # changes what is on hand by as much as was asked, up or down
JUDGED = COMES | PLACINGS | {"cancel", "ship", "levels"}  # what is wrong of them is found here


class Level(NamedTuple):
    """What the API says of a SKU in one answer."""

    on_hand: int
    reserved: int


class Span(NamedTuple):
    """Between what and what a number must lie, as far as the answers tell."""

    least: int
    most: int

    def __add__(self, other: object) -> "Span":
        if not isinstance(other, Span):
            return NotImplemented
        return Span(self.least + other.least, self.most + other.most)

    def holds(self, number: int) -> bool:
        return self.least <= number <= self.most


def anomalies(
    operations: Sequence[Operation], before: Mapping[str, Level], after: Mapping[str, Level]
) -> list[str]:
    """What does not add up, SKU by SKU.

    before, after   what the API said when nobody changed anything: at the start, and at the end
    """
    found = []
    for sku, level in sorted(after.items()):
        on_hand, reserved = ends(operations, sku, before[sku])
        if not on_hand.holds(level.on_hand):
            found.append(
                f"SKU {sku}: {level.on_hand} on hand at the end, {_told(on_hand)} by the answers"
            )
        if not reserved.holds(level.reserved):
            found.append(
                f"SKU {sku}: {level.reserved} reserved at the end, {_told(reserved)} by the answers"
            )
    for op in operations:
        if op.kind == "levels" and op.happened:
            found += _read(op, operations, before)
    return found


def ends(operations: Iterable[Operation], sku: str, start: Level) -> tuple[Span, Span]:
    """What must be on hand and reserved when everything has ended: unknown outcomes count as either."""
    on_hand, reserved = Span(start.on_hand, start.on_hand), Span(start.reserved, start.reserved)
    for order in _by_order(operations):
        placed = sum((_count(op, _asked(op, sku)) for op in order if op.is_placing), Span(0, 0))
        cancelled, shipped = _cancelled(order, sku), _shipped(order, sku)
        on_hand += Span(-shipped.most, -shipped.least)
        # Less is open where more was cancelled or left; never less than nothing.
        least = placed.least - cancelled.most - shipped.most
        most = placed.most - cancelled.least - shipped.least
        reserved += Span(max(0, least), max(0, most))
    for op in operations:
        if op.kind in COMES:
            on_hand += _count(op, _asked(op, sku))
    return on_hand, reserved


def _by_order(operations: Iterable[Operation]) -> Iterable[list[Operation]]:
    """The operations of each order; a placing without an answer is an order of its own."""
    orders: dict[str, list[Operation]] = {}
    for op in operations:
        if op.is_placing or op.kind in {"cancel", "ship"}:
            orders.setdefault(op.order or op.key, []).append(op)
    return orders.values()


def _asked(op: Operation, sku: str) -> int:
    return int(op.asked["units"].get(sku, 0))


def _most(order: Sequence[Operation], sku: str) -> int:
    return sum(_asked(op, sku) for op in order if op.is_placing)


def _shipped(order: Sequence[Operation], sku: str) -> Span:
    most, total = _most(order, sku), Span(0, 0)
    for op in order:
        if op.kind == "ship":
            asked = (op.said.get("units") or op.asked.get("units") or {sku: most}).get(sku, 0)
            total += _count(op, asked)
    return Span(total.least, min(total.most, most))


def _cancelled(order: Sequence[Operation], sku: str) -> Span:
    """An answer says how many are cancelled in all; without one it may be all that the order has."""
    told = [
        int(op.said["cancelled"].get(sku, 0)) for op in order if op.kind == "cancel" and op.happened
    ]
    unknown = any(op.kind == "cancel" and op.outcome == "unknown" for op in order)
    return Span(max(told, default=0), _most(order, sku) if unknown else max(told, default=0))


def _count(op: Operation, units: int) -> Span:
    surely, maybe = units if op.happened else 0, units if op.is_possible else 0
    return Span(min(surely, maybe), max(surely, maybe))


def _read(
    read: Operation, operations: Sequence[Operation], before: Mapping[str, Level]
) -> list[str]:
    """What one answer about levels says that cannot have been so while it was asked."""
    found = []
    for sku, (on_hand, reserved) in read.said["levels"].items():
        if reserved > on_hand:
            found.append(f"SKU {sku}: {reserved} reserved of {on_hand} on hand")
        least = most = before[sku].on_hand
        for op in operations:
            if not (op.kind in COMES or op.kind == "ship") or not op.is_possible:
                continue
            if op.invoked_at >= read.ended_at:
                continue
            units = _moved(op, operations, sku)
            surely = op.happened and op.ended_at < read.invoked_at
            least += units if surely else min(0, units)
            most += units if surely else max(0, units)
        if not least <= on_hand <= most:
            found.append(
                f"SKU {sku}: {on_hand} on hand was read, {_told(Span(least, most))} could be"
            )
    return found


def _moved(op: Operation, operations: Sequence[Operation], sku: str) -> int:
    """By how many units it changed, or may have changed, what is on hand."""
    if op.kind in COMES:
        return _asked(op, sku)
    told = op.said.get("units") or op.asked.get("units")
    if told is not None:
        return -int(told.get(sku, 0))
    return -_most([p for p in operations if p.order == op.order], sku)


def _told(span: Span) -> str:
    return str(span.least) if span.least == span.most else f"{span.least} to {span.most}"
