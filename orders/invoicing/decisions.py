"""Decides which amounts of an order to invoice or credit, line by line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


Round = Callable[[Decimal, str], Decimal]


@dataclass(frozen=True, slots=True)
class Worth:
    """A line's worth: `net` and `tax` of all its `of` units, of which `quantity` count now.

    key   the order line's id; 0 for shipping, which is one unit
    """

    key: int
    quantity: int
    of: int
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """Units of a line on an invoice or a credit note, and their money: none of it below zero."""

    key: int
    quantity: int
    net: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its tax told apart."""

    net: Decimal = ZERO
    tax: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def tax_share(self) -> Decimal:
        return self.tax / self.total if self.total else ZERO


def fitting(
    total: Decimal, tax_share: Decimal, most: Money, currency: str, *, rounded: Round
) -> Money:
    """Divide a total, no more than `most`, in net and tax: by its share, as far as neither is more than there is."""
    tax = min(max(rounded(total * tax_share, currency), total - most.net), most.tax)
    return Money(total - tax, tax)


def within(
    plus: Sequence[Part], minus: Sequence[Part], left: Money, currency: str, *, rounded: Round
) -> tuple[list[Part], list[Part]]:
    """Parts of an invoice and of a credit note: of the latter no more than is invoiced, the new invoice counted in.

    left   invoices less credit notes; refunds may have credited some of what the credit note is to take back
    What comes out is decided by the lines and the refunds alone: followed once more it writes nothing.
    """
    there = _sum([left, *plus])
    gone = _sum(minus)
    if gone.net <= there.net and gone.tax <= there.tax:
        return list(plus), list(minus)
    if (
        gone.total >= there.total
    ):  # the refunds were for all of it: the rest is credited, nothing invoiced
        return [], _fitted(minus, left, currency, rounded)
    credited = _fitted(minus, there, currency, rounded)
    taken, invoiced = _sum(credited), _sum(plus)
    if (taken.net, taken.tax) == (invoiced.net, invoiced.tax):
        return [], []
    return list(plus), credited


def _sum(parts: Sequence[Part | Money]) -> Money:
    net, tax = (sum((getattr(part, name) for part in parts), ZERO) for name in ("net", "tax"))
    return Money(net, tax)


def _fitted(parts: Sequence[Part], most: Money, currency: str, rounded: Round) -> list[Part]:
    """Parts that come to no more net and no more tax than `most`: of what one lacks, the other takes the place."""
    found = []
    for part in parts:
        money = _cut(part, min(part.total, most.total), most, currency, rounded)
        most = Money(most.net - money.net, most.tax - money.tax)
        found.append(Part(part.key, part.quantity, money.net, money.tax))
    return found


def _cut(part: Part, total: Decimal, most: Money, currency: str, rounded: Round) -> Money:
    share = part.tax / part.total if part.total else ZERO
    return fitting(total, share, most, currency, rounded=rounded)


def differences(
    worths: Sequence[Worth],
    invoiced: Mapping[int, tuple[int, Decimal, Decimal]],
    currency: str,
    *,
    rounded: Round,
) -> tuple[list[Part], list[Part]]:
    """What is to be invoiced and what to be credited, so that all invoices less credit notes are what lines come to.

    invoiced   units, net and tax by line, of what was invoiced less what was credited
    Each stage is rounded from the whole, so that parts sum to the line. A line of which net and tax differ in
    opposite directions is credited whole and invoiced anew.
    """
    plus: list[Part] = []
    minus: list[Part] = []
    for worth in worths:
        share = Decimal(worth.quantity) / worth.of if worth.of else ZERO
        net, tax = rounded(worth.net * share, currency), rounded(worth.tax * share, currency)
        units, was_net, was_tax = invoiced.get(worth.key, (0, ZERO, ZERO))
        more, by, of_tax = worth.quantity - units, net - was_net, tax - was_tax
        if not (more or by or of_tax):
            continue
        if more >= 0 and by >= 0 and of_tax >= 0:
            plus.append(Part(worth.key, more, by, of_tax))
        elif more <= 0 and by <= 0 and of_tax <= 0:
            minus.append(Part(worth.key, -more, -by, -of_tax))
        elif was_net >= 0 and was_tax >= 0:
            minus.append(Part(worth.key, units, was_net, was_tax))
            plus.append(Part(worth.key, worth.quantity, net, tax))
        else:  # more was credited of one than it had, in place of the other: it cannot be credited whole
            minus.append(Part(worth.key, max(0, -more), max(ZERO, -by), max(ZERO, -of_tax)))
            plus.append(Part(worth.key, max(0, more), max(ZERO, by), max(ZERO, of_tax)))
    return plus, minus
