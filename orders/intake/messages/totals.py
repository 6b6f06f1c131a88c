"""Reconciles a foreign order's parts with its total, to the minor unit."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from erp.money import rounded, split
from orders.customers.contacts import Amount
from orders.intake.messages.foreign_json import Part, Unreadable
from orders.placement.incoming import ForeignLine, IncomingPayment

ZERO = Decimal(0)


def sold(lines: Iterable[ForeignLine]) -> list[ForeignLine]:
    """The lines that sell something. Raises Unreadable where none does."""
    found = [line for line in lines if line.quantity > 0]
    if not found:
        raise Unreadable("no_lines")
    return found


def stated_total(given: Part, name: str) -> Decimal:
    """What a message says its customer pays. Raises Unreadable below zero."""
    total = given.amount(name)
    if total < 0:
        raise Unreadable("negative_total")
    return total


def stated_payment(
    external_id: str, paid: Decimal, currency: str, *, is_cod: bool
) -> IncomingPayment:
    """How an order of a shop is paid: to the carrier, or ahead; and what has come of it."""
    return IncomingPayment(
        method="cod" if is_cod else "prepaid",
        reference=external_id,
        amount=Amount(str(paid), currency) if paid else None,
    )


def spread_discount(
    lines: Sequence[ForeignLine], discount: Decimal, currency: str
) -> list[ForeignLine]:
    """Take a discount of the whole order off its lines, by what each still costs."""
    worth = [max(ZERO, line.subtotal - line.discount) for line in lines]
    taken = min(discount, sum(worth, ZERO))
    if taken <= 0:
        return list(lines)
    shares = split(rounded(taken, currency), worth, currency)
    return [
        msgspec.structs.replace(line, discount=line.discount + min(share, most))
        for line, share, most in zip(lines, shares, worth, strict=True)
    ]


def made_to_add_up(
    lines: Sequence[ForeignLine],
    *,
    shipping: Decimal,
    shipping_tax: Decimal,
    total: Decimal,
    currency: str,
) -> tuple[list[ForeignLine], Decimal, Decimal, Decimal]:
    """Lines, shipping and its tax so that they come to `total`, and what they missed of it before.

    Too little becomes a charge of its own, too much is taken off the lines, then off shipping. What a
    channel states as the total is what its customer pays, so that is what holds.
    """
    exact = [
        msgspec.structs.replace(
            line,
            subtotal=rounded(line.subtotal, currency),
            discount=rounded(line.discount, currency),
            tax=rounded(line.tax, currency),
        )
        for line in lines
    ]
    shipping, shipping_tax = rounded(shipping, currency), rounded(shipping_tax, currency)
    missing = total - shipping - shipping_tax - sum((_paid(x) for x in exact), ZERO)
    if missing > 0:
        exact.append(
            ForeignLine(
                sku="",
                quantity=1,
                key="other",
                name="",
                is_service=True,
                unit_price=missing,
                subtotal=missing,
            )
        )
    elif missing < 0:
        before = sum((x.discount for x in exact), ZERO)
        exact = spread_discount(exact, -missing, currency)
        left = -missing - (sum((x.discount for x in exact), ZERO) - before)
        for index, line in enumerate(exact):
            off = min(left, line.tax)
            exact[index] = msgspec.structs.replace(line, tax=line.tax - off)
            left -= off
        off = min(left, shipping)
        shipping, left = shipping - off, left - off
        shipping_tax -= min(left, shipping_tax)
    return exact, shipping, shipping_tax, missing


def _paid(line: ForeignLine) -> Decimal:
    return line.subtotal - line.discount + line.tax
