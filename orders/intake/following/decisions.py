"""Decides the steps that bring our order in line with its channel's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


OPEN = frozenset({"pending", "confirmed"})


@dataclass(frozen=True, slots=True)
class Told:
    """The channel's side, as far as it was told.

    is_whole   some message held the order as a whole
    captured   money that the channel has taken; never less than it has given back
    refunds    what it has given back, by its own ids
    items      (id of line, units) of what was ordered
    """

    is_whole: bool
    captured: Decimal = ZERO
    refunds: Mapping[str, Decimal] = field(default_factory=dict)
    cancelled: str | None = None
    shipped: bool = False
    deleted: bool = False
    items: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class Ours:
    """Our side: `status` is None before the order is placed."""

    status: str | None = None
    captured: Decimal = ZERO
    refunded: frozenset[str] = frozenset()
    has_left: bool = False  # something of it was shipped
    is_shipped: bool = False  # all of it was
    items: Sequence[tuple[str, int]] = ()
    flagged: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: place, capture, refund, flag or cancel, with what it needs."""

    verb: str
    params: Mapping[str, Any] = field(default_factory=dict)


def follow(told: Told, ours: Ours) -> list[Step]:
    """Return the steps from our side to the channel's, in the order to take them.

    They depend on what was told in sum and on our state, never on which message came first: so
    every order of arrival ends the same. What cannot be followed is flagged once for a person.
    """
    if not told.is_whole:
        return []
    if ours.status is None:
        return [Step("place", {"is_over": told.cancelled is not None})]
    steps: list[Step] = []
    captured = max(told.captured, sum(told.refunds.values(), ZERO))
    if captured > ours.captured:
        steps.append(Step("capture", {"amount": captured - ours.captured}))
    steps += [
        Step("refund", {"key": key, "amount": amount})
        for key, amount in sorted(told.refunds.items())
        if key not in ours.refunded and amount > 0
    ]
    if told.cancelled is not None and ours.status in OPEN and not ours.has_left:
        return [*steps, Step("cancel", {"reason": told.cancelled})]
    if ours.status in OPEN:
        steps += [Step("flag", {"code": c}) for c in _odd(told, ours) if c not in ours.flagged]
    return steps


def _odd(told: Told, ours: Ours) -> list[str]:
    """What a person has to decide, because nothing can be done that is surely right."""
    found = []
    if told.cancelled is not None:
        found.append("cancelled_on_channel")
    if told.shipped and not ours.is_shipped:
        found.append("shipped_on_channel")
    if told.deleted:
        found.append("deleted_on_channel")
    if told.refunds and not ours.is_shipped and told.cancelled is None:
        found.append("refunded_on_channel")
    if sorted(told.items) != sorted(ours.items):
        found.append("items_changed")
    return found
