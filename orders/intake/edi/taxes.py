"""Settles the taxes of a purchase order's lines and carriage: their own, or their share of the whole's."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from erp.money import minor_unit, rounded, split
from orders.intake.messages.foreign_json import Unreadable
from orders.placement.incoming import ForeignLine

ZERO, HUNDRED = Decimal(0), Decimal(100)


class WholeTax(NamedTuple):
    """What a purchase order says of tax, but for its lines.

    amount, rate  of the whole; None where not stated
    charged       tax that is stated as a charge: often the same in other words
    of_carriage   what the carriage's tax is by itself
    """

    amount: Decimal | None
    rate: Decimal | None
    charged: Decimal = ZERO
    of_carriage: Decimal = ZERO


def taxed(
    lines: Sequence[ForeignLine], shipping: Decimal, whole: WholeTax, currency: str
) -> tuple[list[ForeignLine], Decimal, bool]:
    """Lines with a tax of the whole, where they state none of their own, the carriage's tax, and whether to doubt it.

    Doubtful is a tax of the whole that is not what its parts say theirs are. Raises Unreadable below nought.
    """
    tax = whole.amount
    if tax is not None and tax < 0:
        raise Unreadable("price_below_zero", line="–")
    if whole.charged and whole.charged != tax:
        tax = (tax or ZERO) + whole.charged
    own = [*(line.tax for line in lines), whole.of_carriage]
    nets = [*(line.subtotal - line.discount for line in lines), shipping]
    is_doubtful = False
    if tax is None and whole.rate is not None:
        by_rate = [rounded(net * whole.rate / HUNDRED, currency) for net in nets]
        taxes = [one or rated for one, rated in zip(own, by_rate, strict=True)]
    elif any(own):
        taxes = own
        if tax is not None:
            is_extra = [*(line.is_service and not line.tax for line in lines), True]
            extras = [net if extra else ZERO for net, extra in zip(nets, is_extra, strict=True)]
            taxes, is_doubtful = _with_extras(own, extras, tax, currency)
    else:
        taxes = split(tax, nets, currency) if tax else own
    found = [
        msgspec.structs.replace(line, tax=share) for line, share in zip(lines, taxes, strict=False)
    ]
    return found, taxes[-1], is_doubtful


def _with_extras(
    own: list[Decimal], extras: Sequence[Decimal], tax: Decimal, currency: str
) -> tuple[list[Decimal], bool]:
    """The taxes of the parts: what the whole's is more than the goods' is of charges and carriage, else doubtful."""
    missing = tax - sum(own, ZERO)
    if abs(missing) <= minor_unit(currency) * (1 + len(own)) / 2:
        return own, False
    if not 0 < missing <= sum(extras, ZERO) / 3:
        return own, True
    shares = split(rounded(missing, currency), extras, currency)
    return [one + share for one, share in zip(own, shares, strict=True)], False
