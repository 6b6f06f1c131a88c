"""Judges the life of each order by what clients were answered, knowing nothing of the product's own laws.

Is there an order of the operations, none before one that had ended when it was asked, in which every answer is right?
Sources: Herlihy and Wing 1990 (linearizability); Wing and Gong 1993 (the search); unknown outcomes as Jepsen has them.
"""

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from faults.journal import Operation

Units = tuple[tuple[str, int], ...]  # by SKU, sorted
Refunds = tuple[tuple[str, str], ...]  # how far each has come, by number, sorted
ENDED = ("completed", "cancelled", "rejected", "expired", "merged")
TOO_MUCH = "more was cancelled and shipped than ordered"
RANK = {"draft": 0, "pending": 1, "confirmed": 2} | dict.fromkeys(ENDED, 3)


class State(NamedTuple):
    """What is true of an order: units by SKU, money in cents. Before it is placed, nothing is ordered."""

    ordered: Units = ()
    cancelled: Units = ()
    shipped: Units = ()
    returning: Units = ()
    due: int = 0
    paid: int = 0
    refunded: int = 0
    refunds: Refunds = ()


def anomalies(operations: Iterable[Operation]) -> list[str]:
    """What cannot have been, order by order; nothing where every answer can be explained."""
    by_order: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        if operation.order:
            by_order[operation.order].append(operation)
    found = []
    for number, history in sorted(by_order.items()):
        if len({op.key for op in history if op.is_placing and op.happened}) > 1:
            found.append(f"order {number}: two placings were answered with it")
        elif not is_explained(history):
            found.append(f"order {number}: no sequence explains its answers: {_told(history)}")
        found += [f"order {number}: {text}" for text in steps_back(history) + too_much(history)]
    return found


def is_judged(op: Operation, placed: Container[str]) -> bool:
    """Whether an order's history can show that a success is wrong: its placing is known, and the kind has a step.

    placed   the numbers of orders whose placing was answered
    """
    return op.order in placed and (op.is_placing or op.kind in STEPS)


def too_much(history: Sequence[Operation]) -> list[str]:
    """Units that an answer says are cancelled and shipped, and that are more than were ordered."""
    ordered: Mapping[str, int]
    ordered = next((op.said["units"] for op in history if op.is_placing and op.happened), {})
    found = {}
    for op in history:
        if not op.happened or "cancelled" not in op.said:
            continue
        for sku, units in ordered.items():
            gone, left = op.said["cancelled"].get(sku, 0), op.said["shipped"].get(sku, 0)
            if gone + left > units:
                found[sku] = f"{TOO_MUCH}: {gone} and {left} of {units} {sku}"
    return list(found.values())


def is_explained(history: Sequence[Operation]) -> bool:
    """Whether some sequence of an order's operations explains every answer; refusals say nothing."""
    told = {op.id: op for op in history if op.is_possible}
    seen: set[tuple[frozenset[int], State]] = set()

    def walk(left: frozenset[int], state: State) -> bool:
        if all(told[pk].outcome == "unknown" for pk in left):
            return True
        if (left, state) in seen:
            return False
        seen.add((left, state))
        first_end = min((told[pk].ended_at for pk in left), default=math.inf)
        return any(
            walk(left - {pk}, after)
            for pk in sorted(left)
            if told[pk].invoked_at <= first_end
            for after in _after(state, told[pk])
        )

    return walk(frozenset(told), State())


def steps_back(history: Sequence[Operation]) -> list[str]:
    """Statuses that were read, and were earlier ones than had been read before."""
    read = sorted(
        (op for op in history if op.happened and op.said.get("status") in RANK),
        key=lambda op: op.invoked_at,
    )
    found = []
    for n, one in enumerate(read):
        for later in read[n + 1 :]:
            was, now = one.said["status"], later.said["status"]
            goes_back = RANK[now] < RANK[was] or (was in ENDED and now != was)
            if one.ended_at < later.invoked_at and goes_back:
                found.append(f"it was {was}, and {now} afterwards")
    return found


def _after(state: State, op: Operation) -> Iterator[State]:
    """The states that an operation can leave behind; none where it cannot have happened in this state."""
    if op.is_placing:
        if not state.ordered:
            yield _placed(op)
    elif state.ordered:
        yield from STEPS[op.kind](state, op)


def _placed(op: Operation) -> State:
    units = _units(op.said.get("units") or op.asked["units"])
    nothing = tuple((sku, 0) for sku, _count in units)
    total = int(op.said.get("total", 0))
    return State(units, nothing, nothing, nothing, total, total if op.asked["is_paid"] else 0)


def _paid(state: State, op: Operation) -> Iterator[State]:
    yield state._replace(paid=state.paid + int(op.asked["cents"]))


def _cancelled(state: State, op: Operation) -> Iterator[State]:
    asked = op.asked.get("units")
    rest = _less(state.ordered, state.shipped)
    after = _more(state.cancelled, _units(asked)) if asked else rest
    if _fits(after, rest) and after != state.cancelled and _agrees(op, after, state.shipped):
        yield state._replace(cancelled=after)


def _shipped(state: State, op: Operation) -> Iterator[State]:
    """What is not paid for, or was cancelled, does not leave."""
    open_units = _less(_less(state.ordered, state.cancelled), state.shipped)
    leaving = _units(op.said.get("units") or op.asked.get("units") or dict(open_units))
    is_something = any(count for _sku, count in leaving)
    if state.paid >= state.due and is_something and _fits(leaving, open_units):
        yield state._replace(shipped=_more(state.shipped, leaving))


def _returning(state: State, op: Operation) -> Iterator[State]:
    """Nothing comes back that has not left, or is on its way back."""
    after = _more(state.returning, _units(op.asked["units"]))
    if _fits(after, state.shipped):
        yield state._replace(returning=after)


def _proposed(state: State, op: Operation) -> Iterator[State]:
    number = op.said.get("refund")
    if number not in dict(state.refunds):
        yield state if number is None else _with_refund(state, number, "proposed")


def _approved(state: State, op: Operation) -> Iterator[State]:
    number = op.asked["refund"]
    if dict(state.refunds).get(number) == "proposed":
        yield _with_refund(state, number, "approved")


def _refunded(state: State, op: Operation) -> Iterator[State]:
    """What nobody has approved is not paid out, and nothing is twice, or beyond what was paid."""
    number, back = op.asked["refund"], state.refunded + int(op.asked["cents"])
    if dict(state.refunds).get(number) == "approved" and back <= state.paid:
        yield _with_refund(state, number, "completed")._replace(refunded=back)


def _with_refund(state: State, number: str, stage: str) -> State:
    others = {**dict(state.refunds), number: stage}
    return state._replace(refunds=tuple(sorted(others.items())))


def _read(state: State, op: Operation) -> Iterator[State]:
    if _agrees(op, state.cancelled, state.shipped):
        yield state


def _books(state: State, op: Operation) -> Iterator[State]:
    """What the books say of an order's money when nobody changes anything any more."""
    if op.said == {"paid": state.paid, "refunded": state.refunded}:
        yield state


STEPS = {
    "pay": _paid,
    "cancel": _cancelled,
    "ship": _shipped,
    "return": _returning,
    "propose": _proposed,
    "approve": _approved,
    "complete": _refunded,
    "read": _read,
    "books": _books,
}


def _agrees(op: Operation, cancelled: Units, shipped: Units) -> bool:
    """Whether what an answer says of the lines is so; an unknown outcome said nothing."""
    if not op.happened:
        return True
    return _units(op.said["cancelled"]) == cancelled and _units(op.said["shipped"]) == shipped


def _units(by_sku: Mapping[str, Any]) -> Units:
    return tuple(sorted((sku, int(count)) for sku, count in by_sku.items()))


def _more(units: Units, others: Units) -> Units:
    add = dict(others)
    return tuple((sku, count + add.get(sku, 0)) for sku, count in units)


def _less(units: Units, others: Units) -> Units:
    take = dict(others)
    return tuple((sku, count - take.get(sku, 0)) for sku, count in units)


def _fits(units: Units, room: Units) -> bool:
    most = dict(room)
    return all(0 <= count <= most.get(sku, 0) for sku, count in units)


def _told(history: Sequence[Operation]) -> str:
    ops = sorted((op for op in history if op.is_possible), key=lambda op: op.invoked_at)
    start = ops[0].invoked_at if ops else 0.0
    return "; ".join(
        f"{op.invoked_at - start:.2f}–{op.ended_at - start:.2f} {op.kind} {op.outcome}"
        f" {dict(op.said) or dict(op.asked)}"
        for op in ops
    )
