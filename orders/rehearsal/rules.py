"""Rehearses review rules on past orders without writing anything."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from django.db import connection, transaction

from orders.review.decisions import review
from orders.review.decisions.rules import Rule, Ruled, evaluate
from orders.review.rule_facts import KnownOrder, orders_as_placed

MOST_SHOWN = 200  # orders named behind a figure


PAGE = 2000


class Counted(Protocol):
    """An order as a figure counts it."""

    @property
    def number(self) -> str: ...
    @property
    def total(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...


@dataclass(slots=True)
class Figure:
    """So many orders, what they are worth by currency, and which they are, as far as they are shown."""

    orders: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    shown: int = MOST_SHOWN

    def add(self, order: Counted) -> None:
        self.orders += 1
        self.amounts[order.currency] = self.amounts.get(order.currency, Decimal(0)) + order.total
        if len(self.numbers) < self.shown:
            self.numbers.append(order.number)


@dataclass(slots=True)
class Rehearsal:
    """What would have differed. `held_before` and `held_after` count orders that something holds."""

    orders: int = 0
    held_before: int = 0
    held_after: int = 0
    matched: Figure = field(default_factory=Figure)
    newly_held: Figure = field(default_factory=Figure)
    held_no_longer: Figure = field(default_factory=Figure)
    newly_marked: Figure = field(default_factory=Figure)
    sent_otherwise: Figure = field(
        default_factory=Figure
    )  # warehouse, service, carrier, split, merged
    given_more: Figure = field(default_factory=Figure)
    gifts: dict[str, int] = field(
        default_factory=dict
    )  # units by SKU, less those of the rules in force

    def figures(self) -> Sequence[Figure]:
        """Every figure that has orders behind it."""
        return (
            self.matched,
            self.newly_held,
            self.held_no_longer,
            self.newly_marked,
            self.sent_otherwise,
            self.given_more,
        )

    @property
    def touchless_before(self) -> float:
        return (self.orders - self.held_before) / self.orders if self.orders else 1.0

    @property
    def touchless_after(self) -> float:
        return (self.orders - self.held_after) / self.orders if self.orders else 1.0


def rehearse(
    draft: Rule,
    in_force: Sequence[Rule],
    *,
    since: datetime,
    until: datetime,
    shown: int = MOST_SHOWN,
) -> Rehearsal:
    """Ask real orders placed from `since` and before `until` with the rules in force, and with `draft` beside them.

    `draft` takes the place of a rule of its own code, and counts on every day whatever its dates. Runs in
    read-only transactions. `shown` orders are named behind each figure.
    """
    ask = asking_rule(draft, in_force)
    found = Rehearsal()
    for figure in found.figures():
        figure.shown = shown
    for order in past_orders(since, until):
        ask(order, found)
    return found


def asking_rule(draft: Rule, in_force: Sequence[Rule]) -> Callable[[KnownOrder, Rehearsal], None]:
    """What each order of a rehearsal is asked: the rules in force, then those with `draft` beside them."""
    always = replace(draft, starts_at=None, ends_at=None)
    after = [*(rule for rule in in_force if rule.code != draft.code), always]
    return lambda order, found: _compare(order, in_force, after, always, found)


def _compare(
    order: KnownOrder,
    before: Sequence[Rule],
    after: Sequence[Rule],
    draft: Rule,
    found: Rehearsal,
) -> None:
    was, would = evaluate(before, order.asked), evaluate(after, order.asked)
    held, would_hold = _held(order, was), _held(order, would)
    found.orders += 1
    found.held_before += held
    found.held_after += would_hold
    if any(code == draft.code for code, _version in would.matched):
        found.matched.add(order)
    if would_hold and not held:
        found.newly_held.add(order)
    if held and not would_hold:
        found.held_no_longer.add(order)
    if (would.tags, would.flag) != (was.tags, was.flag):
        found.newly_marked.add(order)
    if _way(would) != _way(was):
        found.sent_otherwise.add(order)
    more = [gift for gift in would.gifts if gift not in was.gifts]
    if more:
        found.given_more.add(order)
    for sign, gifts in ((1, would.gifts), (-1, was.gifts)):
        for sku, units, _rule in gifts:
            found.gifts[sku] = found.gifts.get(sku, 0) + sign * units


def _way(ruled: Ruled) -> tuple[str, ...]:
    """What rules say of how an order goes, and whether it goes alone."""
    merged = "1" if ruled.merge else ""
    return (ruled.warehouse, ruled.service, ruled.carrier, ruled.split, merged)


def _held(order: KnownOrder, ruled: Ruled) -> bool:
    return bool(review.holds_of(order.findings, ruled, holds_on_doubt=order.holds_on_doubt))


def past_orders(since: datetime, until: datetime) -> Iterator[KnownOrder]:
    """Orders placed in a span, the oldest first, read page by page without writing anything."""
    after: tuple[datetime, int] | None = (since, 0)
    while after is not None:
        rows, after = page_of_orders(since, until, after)
        yield from rows


def page_of_orders(
    since: datetime, until: datetime, after: tuple[datetime, int]
) -> tuple[list[KnownOrder], tuple[datetime, int] | None]:
    """The next orders of a span after (placed_at, id), and where to go on; None where they are the last."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        rows = orders_as_placed(since, until, after, PAGE)
    return rows, (rows[-1].asked["at"], rows[-1].id) if len(rows) == PAGE else None
