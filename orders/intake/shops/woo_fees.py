"""Reads WooCommerce's fees: what is charged beside goods, and below zero what is taken off them."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from erp.money import rounded, split
from orders.intake.messages.foreign_json import Part, Unreadable
from orders.intake.messages.totals import charge, spread_discount
from orders.placement.incoming import ForeignLine

ZERO = Decimal(0)


def with_fees(
    lines: Sequence[ForeignLine], fees: Iterable[Part], currency: str
) -> list[ForeignLine]:
    """The lines and the fees on top; those below zero come off the lines, with their tax.

    What a fee takes off more than there is stays out, so that the sum misses the total and says so.
    """
    found, charged = list(lines), []
    for row in fees:
        amount, tax = row.amount("total"), row.amount("total_tax")
        if amount * tax < 0:
            raise Unreadable("amount_unreadable", field="fee_lines.total_tax", value=str(tax))
        if amount > 0:
            name = row.text("name") or row.text("title")
            charged.append(charge(row.key("id"), name, amount, tax))
        elif amount < 0 or tax < 0:
            found = _taken_off(found, -amount, -tax, currency)
    return [*found, *charged]


def _taken_off(
    lines: Sequence[ForeignLine], amount: Decimal, tax: Decimal, currency: str
) -> list[ForeignLine]:
    """The lines less a fee and its tax: a taxed one comes off what is taxed."""
    taxed = [bool(line.tax) for line in lines]
    meant = [n for n, is_taxed in enumerate(taxed) if is_taxed or not tax] or range(len(lines))
    found = list(lines)
    less = spread_discount([found[n] for n in meant], amount, currency)
    shares = split(rounded(tax, currency), [line.tax for line in less], currency)
    for n, line, share in zip(meant, less, shares, strict=True):
        found[n] = msgspec.structs.replace(line, tax=max(ZERO, line.tax - share))
    return found
