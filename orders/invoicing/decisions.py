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
