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
    """Parts of an invoice and of a credit note, no more of the latter than is invoiced yet (`left`).

    Refunds may have credited some of it already: what the credit note lacks, the invoice lacks as well.
    """
    lost = sum((part.total for part in minus), ZERO) - left.total
    if lost <= 0 and _all_fit(minus, left):
        return list(plus), list(minus)
    credited = []
    for part in minus:
        money = _cut(part, min(part.total, left.total), left, currency, rounded)
        left = Money(left.net - money.net, left.tax - money.tax)
        credited.append(Part(part.key, part.quantity, money.net, money.tax))
    invoiced = []
    for part in plus:
        less = min(max(ZERO, lost), part.total)
        lost -= less
        money = _cut(part, part.total - less, Money(part.net, part.tax), currency, rounded)
        invoiced.append(Part(part.key, part.quantity, money.net, money.tax))
    return invoiced, credited


def _all_fit(parts: Sequence[Part], left: Money) -> bool:
    """Whether there is as much net and as much tax as parts have."""
    net, tax = (sum((getattr(part, name) for part in parts), ZERO) for name in ("net", "tax"))
    return net <= left.net and tax <= left.tax


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
        else:
            minus.append(Part(worth.key, units, was_net, was_tax))
            plus.append(Part(worth.key, worth.quantity, net, tax))
    return plus, minus
