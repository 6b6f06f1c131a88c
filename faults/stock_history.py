"""Judges the units of each SKU by what clients were answered: what came, what left, what is promised."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from faults.journal import Operation


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
        placed, cancelled, shipped = (_of(order, kind, sku) for kind in ("place", "cancel", "ship"))
        on_hand += Span(-shipped.most, -shipped.least)
        # Less is open where more was cancelled or left; never less than nothing.
        least = placed.least - cancelled.most - shipped.most
        most = placed.most - cancelled.least - shipped.least
        reserved += Span(max(0, least), max(0, most))
    for op in operations:
        if op.kind == "receive":
            on_hand += _count(op, op.asked["units"].get(sku, 0))
    return on_hand, reserved


def _by_order(operations: Iterable[Operation]) -> Iterable[list[Operation]]:
    """The operations of each order; a placing without an answer is an order of its own."""
    orders: dict[str, list[Operation]] = {}
    for op in operations:
        if op.kind in {"place", "cancel", "ship"}:
            orders.setdefault(op.order or op.key, []).append(op)
    return orders.values()


def _of(order: Sequence[Operation], kind: str, sku: str) -> Span:
    """How many units of a SKU were placed, cancelled or shipped by an order's operations of a kind."""
    most = sum(op.asked["units"].get(sku, 0) for op in order if op.kind == "place")
    if kind == "cancel":
        return _cancelled(order, sku, most)
    total = Span(0, 0)
    for op in order:
        if op.kind == kind:
            asked = (op.said.get("units") or op.asked.get("units") or {sku: most}).get(sku, 0)
            total += _count(op, asked)
    return Span(total.least, min(total.most, most))


def _cancelled(order: Sequence[Operation], sku: str, most: int) -> Span:
    """An answer says how many are cancelled in all; without one it may be all that the order has."""
    told = [
        int(op.said["cancelled"].get(sku, 0)) for op in order if op.kind == "cancel" and op.happened
    ]
    unknown = any(op.kind == "cancel" and op.outcome == "unknown" for op in order)
    return Span(max(told, default=0), most if unknown else max(told, default=0))


def _count(op: Operation, units: int) -> Span:
    return Span(units if op.happened else 0, units if op.is_possible else 0)


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
            came = op.kind == "receive"
            if not (came or op.kind == "ship") or not op.is_possible:
                continue
            units = _moved(op, operations, sku)
            surely = op.happened and op.ended_at < read.invoked_at
            maybe = op.invoked_at < read.ended_at
            least += (units if surely else 0) if came else (-units if maybe else 0)
            most += (units if maybe else 0) if came else (-units if surely else 0)
        if not least <= on_hand <= most:
            found.append(
                f"SKU {sku}: {on_hand} on hand was read, {_told(Span(least, most))} could be"
            )
    return found


def _moved(op: Operation, operations: Sequence[Operation], sku: str) -> int:
    told = op.said.get("units") or op.asked.get("units")
    if told is not None:
        return int(told.get(sku, 0))
    placed = (p for p in operations if p.kind == "place" and p.order == op.order)
    return sum(int(p.asked["units"].get(sku, 0)) for p in placed)


def _told(span: Span) -> str:
    return str(span.least) if span.least == span.most else f"{span.least} to {span.most}"
