"""Reconciles a foreign order's parts with its total, to the minor unit."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from erp.money import minor_unit, rounded, split
from orders.customers.contacts import Amount
from orders.intake.messages.foreign_json import Part, Unreadable
from orders.placement.incoming import ForeignLine, IncomingPayment

ZERO = Decimal(0)


MOST_MONEY = Decimal(10) ** 13


OTHER = "other"  # the key of what a stated total is more than its parts


def sold(lines: Iterable[ForeignLine]) -> list[ForeignLine]:
    """The lines that sell something. Raises Unreadable where none does."""
    found = [line for line in lines if line.quantity > 0]
    if not found:
        raise Unreadable("no_lines")
    return found


def stated_total(given: Part, name: str) -> Decimal:
    """What a message says its customer pays. Raises Unreadable below zero, and where it does not say."""
    if given.amount(name) < 0:
        raise Unreadable("negative_total")
    return given.stated(name)


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


class Charges(NamedTuple):
    """What an order's customer pays, adding up to its total.

    differs      what the parts missed of the stated total, beyond rounding
    tax_differs  what the taxes of the parts missed of the stated tax, beyond rounding
    """

    lines: list[ForeignLine]
    shipping: Decimal
    shipping_tax: Decimal
    differs: Decimal = ZERO
    tax_differs: Decimal = ZERO


def made_to_add_up(
    lines: Sequence[ForeignLine],
    *,
    shipping: Decimal,
    shipping_tax: Decimal,
    total: Decimal,
    currency: str,
) -> tuple[list[ForeignLine], Decimal, Decimal, Decimal]:
    """Lines, shipping and its tax so that they come to `total`, and what they missed of it; see `reconciled`."""
    found = reconciled(Charges(list(lines), shipping, shipping_tax), total=total, currency=currency)
    return found.lines, found.shipping, found.shipping_tax, found.differs


def reconciled(
    charges: Charges,
    *,
    total: Decimal,
    currency: str,
    tax: Decimal | None = None,
    exact: frozenset[str] = frozenset(),
) -> Charges:
    """Charges that come to `total`, with what they missed of it and of `tax`. Raises Unreadable for too large ones.

    What a channel states as the total is what its customer pays, so that is what is kept; what is missed
    beyond rounding is named, so that a person looks. Too little becomes a charge of its own, too much
    is taken off the lines, then off shipping.

    tax    what the message states as the tax of the whole; None: nothing
    exact  "net", "tax": its sender adds up what it shows of these, with no rounding between parts and whole
    """
    _within_reach(charges, total)
    lines = [_rounded(line, currency) for line in charges.lines]
    found = charges._replace(
        lines=lines,
        shipping=rounded(charges.shipping, currency),
        shipping_tax=rounded(charges.shipping_tax, currency),
    )
    taxes = ZERO if "tax" in exact else _slack(_taxes(found), currency)
    if tax is not None:
        found = _tax_settled(found, tax - _tax_of(found), taxes)
    slack = ZERO if "net" in exact else _slack(_nets(found), currency)
    missing = total - _due(found)
    if missing and abs(missing) <= slack + (taxes if tax is None else ZERO):
        return _net_settled(found, missing)
    return _forced(found, missing, currency)._replace(differs=missing)


def _within_reach(charges: Charges, total: Decimal) -> None:
    """Refuse what no column holds. Raises Unreadable."""
    amounts = [total, charges.shipping + charges.shipping_tax]
    amounts += [max(x.unit_price, x.subtotal, x.discount, x.tax) for x in charges.lines]
    amounts.append(sum((x.subtotal + x.tax for x in charges.lines), ZERO))
    if max(amounts) >= MOST_MONEY:
        raise Unreadable("amount_too_large", value=f"{max(amounts):f}"[:40])


def _rounded(line: ForeignLine, currency: str) -> ForeignLine:
    return msgspec.structs.replace(
        line,
        subtotal=rounded(line.subtotal, currency),
        discount=rounded(line.discount, currency),
        tax=rounded(line.tax, currency),
    )


def _slack(amounts: Sequence[Decimal], currency: str) -> Decimal:
    """What rounding can come to: half a minor unit for each amount that was rounded by itself."""
    return minor_unit(currency) * sum(1 for amount in amounts if amount) / 2


def _nets(charges: Charges) -> list[Decimal]:
    return [charges.shipping, *(x.subtotal - x.discount for x in charges.lines)]


def _taxes(charges: Charges) -> list[Decimal]:
    return [charges.shipping_tax, *(x.tax for x in charges.lines)]


def _tax_of(charges: Charges) -> Decimal:
    return sum(_taxes(charges), ZERO)


def _due(charges: Charges) -> Decimal:
    return sum((_paid(x) for x in charges.lines), charges.shipping + charges.shipping_tax)


def _tax_settled(charges: Charges, missing: Decimal, slack: Decimal) -> Charges:
    """The stated tax to the minor unit, where only rounding is between; the largest one takes it."""
    if abs(missing) > slack:
        return charges._replace(tax_differs=missing)
    most = max(range(len(charges.lines)), key=lambda n: charges.lines[n].tax)
    tax = charges.lines[most].tax + missing
    if not missing or tax < 0:
        return charges
    lines = list(charges.lines)
    lines[most] = msgspec.structs.replace(lines[most], tax=tax)
    return charges._replace(lines=lines)


def _net_settled(charges: Charges, missing: Decimal) -> Charges:
    """The stated total to the minor unit, where only rounding is between; the dearest line takes it."""
    lines = list(charges.lines)
    most = max(range(len(lines)), key=lambda n: lines[n].subtotal - lines[n].discount)
    line = lines[most]
    more, less = max(missing, ZERO), max(-missing, ZERO)
    lines[most] = msgspec.structs.replace(
        line, subtotal=line.subtotal + more, discount=min(line.subtotal, line.discount + less)
    )
    return charges._replace(lines=lines)


def _forced(charges: Charges, missing: Decimal, currency: str) -> Charges:
    """Charges that come to a total that they missed."""
    exact, shipping, shipping_tax = list(charges.lines), charges.shipping, charges.shipping_tax
    if missing > 0:
        exact.append(charge(OTHER, "", missing))
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
    return charges._replace(lines=exact, shipping=shipping, shipping_tax=shipping_tax)


def charge_key(key: str, n: int) -> str:
    """The key of the n-th charge with the line that has a key, or ("") with the order."""
    return f"{key}-charge{n}" if key else f"charge{n}"


def is_charge_key(key: str) -> bool:
    """Whether a line's key is one that a charge is given."""
    return key == OTHER or re.search(r"(?:^|-)charge\d+$", key) is not None


def charge(key: str, name: str, amount: Decimal, tax: Decimal = ZERO) -> ForeignLine:
    """A line of no goods: what a customer pays beside them."""
    return ForeignLine(
        sku="",
        quantity=1,
        key=key,
        name=name,
        is_service=True,
        unit_price=amount,
        subtotal=amount,
        tax=tax,
    )


def _paid(line: ForeignLine) -> Decimal:
    return line.subtotal - line.discount + line.tax
