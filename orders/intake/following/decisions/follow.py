"""Decides the steps that bring our order in line with its channel's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp.money import plain
from orders.intake.following.decisions.evidence import Evidence, about, is_of_goods

ZERO = Decimal(0)


ELSEWHERE = "money_in_other_currency"


ITEMS_CHANGED = "items_changed"


OVERPAID = "overpaid"


CHANGE_REQUESTED = "change_requested"


CONTRADICTS = "state_contradicts"


BEYOND = "refunded_beyond_payment"  # said where refunds are recorded: what is left is known there


OPEN = frozenset({"pending", "confirmed"})
WATCHED = OPEN | {"completed"}  # what a channel changes of a completed order is on its timeline


@dataclass(frozen=True, slots=True)
class Told:
    """The channel's side, as far as it was told.

    is_whole   some message held the order as a whole
    captured   money that the channel says it has taken, in the order's currency
    refunds    money that it says it has given back, by its own ids, in the order's currency
    elsewhere  money that it speaks of in other currencies, as it is shown
    total      what is to be paid for what is wanted now
    items      (id of line, units) of what is wanted now
    doubts     findings about its newest whole
    said       its newest whole, as it is kept
    currency   the order's own, of every amount above
    changes    messages that ask for a change which nobody here makes
    taken_back money that it said it had taken and, by its newest whole, has not
    """

    is_whole: bool
    captured: Decimal = ZERO
    refunds: Mapping[str, Decimal] = field(default_factory=dict)
    elsewhere: Sequence[str] = ()
    total: Decimal = ZERO
    cancelled: str | None = None
    shipped: bool = False
    deleted: bool = False
    items: Sequence[tuple[str, int]] = ()
    doubts: Sequence[str] = ()
    said: Mapping[str, Any] | None = None
    currency: str = ""
    taken_back: Decimal = ZERO
    changes: Sequence[str] = ()

    @property
    def given_back(self) -> Decimal:
        return sum(self.refunds.values(), ZERO)


@dataclass(frozen=True, slots=True)
class Ours:
    """Our side: `status` is None before the order is placed.

    raised   what a person was asked to decide before, by its code, with what it was about
    """

    status: str | None = None
    captured: Decimal = ZERO
    total: Decimal = ZERO
    refunded: Mapping[str, Decimal] = field(default_factory=dict)
    has_left: bool = False  # something of it was shipped
    is_shipped: bool = False  # all of it was
    items: Sequence[tuple[str, int]] = ()
    raised: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: place, capture, refund, flag or cancel, with what it needs."""

    verb: str
    params: Mapping[str, Any] = field(default_factory=dict)


def follow(told: Told, ours: Ours) -> list[Step]:
    """Return the steps from our side to the channel's, in the order to take them.

    They depend on what was told in sum and on our state, never on which message came first: so
    every order of arrival ends the same. What cannot be followed is flagged for a person, once for what it is about.
    """
    if not told.is_whole:
        return []
    if ours.status is None:
        return [Step("place", {"is_over": told.cancelled is not None})]
    steps: list[Step] = []
    if told.captured > ours.captured:
        steps.append(Step("capture", {"amount": told.captured - ours.captured}))
    steps += _refunds(told, ours)
    if told.cancelled is not None and ours.status in OPEN and not ours.has_left:
        return [*steps, Step("cancel", {"reason": told.cancelled})]
    if ours.status in WATCHED:
        steps += _flags(told, ours)
    elif told.changes:  # of what has ended its timeline tells
        asked = [step for step in _flags(told, ours) if step.params.get("code") == CHANGE_REQUESTED]
        steps += asked
    return steps


def _flags(told: Told, ours: Ours) -> list[Step]:
    """What a person has to decide and was not asked yet, or was asked about something else.

    What is no longer so is forgotten: it would be silent when it comes back.
    """
    found = named(_odd(told, ours), elsewhere=told.elsewhere)
    steps = []
    if over := sorted(code for code in ours.raised if _is_over(code, found, told, ours)):
        steps.append(Step("forget", {"codes": over}))
    for code, names in found.items():
        evidence = about(code, names, said=told.said, given_back=told.given_back)
        if ours.raised.get(code) != evidence:
            steps.append(Step("flag", {"code": code, "names": names, "evidence": evidence}))
    return steps


def _is_over(code: str, found: Mapping[str, object], told: Told, ours: Ours) -> bool:
    """Whether what was raised before is no longer so. Facts stay, and what is asked elsewhere is forgotten there."""
    if code in found or not is_of_goods(code):
        return False
    return code != ITEMS_CHANGED or told.total == ours.total


def named(found: Sequence[str], *, elsewhere: Sequence[str] = ()) -> dict[str, Sequence[str]]:
    """What a person has to decide, by its code, with what it names: a reader's doubt may name that ("code:name").

    elsewhere   money in other currencies
    """
    named: dict[str, list[str]] = {}
    for doubt in found:
        code, _colon, name = doubt.partition(":")
        names = named.setdefault(code, list(elsewhere) if code == ELSEWHERE else [])
        if name and name not in names:
            names.append(name)
    return dict(named)


def _refunds(told: Told, ours: Ours) -> list[Step]:
    """Refunds, or what they have grown by, that we do not know yet, as far as what was captured covers them.

    Money that nobody said had come cannot go: such a refund waits for that word. What takes off goods alone
    moves no money.
    """
    captured = max(told.captured, ours.captured)
    gone = sum(ours.refunded.values(), ZERO)
    steps = []
    for key, amount in sorted(told.refunds.items()):
        more = amount - ours.refunded.get(key, ZERO)
        if more <= 0 or gone + more > captured:
            continue
        gone += more
        steps.append(Step("refund", {"key": key, "amount": more}))
    return steps


def _odd(told: Told, ours: Ours) -> list[str]:
    """What a person has to decide, because nothing can be done that is surely right."""
    found = [*told.doubts, *(f"{CHANGE_REQUESTED}:{name}" for name in told.changes)]
    if told.elsewhere:
        found.append(ELSEWHERE)
    if told.cancelled is not None:
        found.append("cancelled_on_channel")
    if told.shipped and not ours.is_shipped:
        found.append("shipped_on_channel")
    if told.deleted:
        found.append("deleted_on_channel")
    if told.taken_back > 0 and told.cancelled is None:
        found.append(f"{CONTRADICTS}:{plain(told.taken_back, told.currency)} {told.currency}")
    if _is_paid_above(told):
        found.append(OVERPAID)
    if _is_refunded_early(told, ours):
        found.append("refunded_on_channel")
    if sorted(told.items) != sorted(ours.items):
        found.append(ITEMS_CHANGED)
    return found


def _is_paid_above(told: Told) -> bool:
    """Whether more stays than what is wanted now costs: goods came off and nobody gave their money back."""
    return told.cancelled is None and told.captured - told.given_back > told.total


def _is_refunded_early(told: Told, ours: Ours) -> bool:
    """Whether money went back before all had left, and what stayed does not pay for what is wanted now."""
    if ours.is_shipped or told.cancelled is not None or not told.given_back:
        return False
    return told.captured - told.given_back < told.total


def in_currency(kept: object, currency: str, *, is_only: bool) -> Decimal | None:
    """An amount as it is kept of a statement; None where it is, or may be, in another currency than the order's.

    is_only   the order speaks of no other currency: an amount that states none is in its own
    Those that were kept before their currency was are the order's own.
    """
    if not isinstance(kept, Mapping):
        return Decimal(str(kept))
    stated = kept.get("currency", "")
    if stated != currency and (stated or not is_only):
        return None
    return Decimal(kept["amount"])
