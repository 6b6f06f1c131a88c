"""Checks prices, costs and rates that callers state: what cannot be kept as it is, is refused and not rounded."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid
from erp.money import PRICE_DECIMALS, decimals, minor_unit

MOST = Decimal(10) ** 12


class Flaw(NamedTuple):
    """What is wrong with a value: its code, and in words."""

    code: str
    detail: str


def flaw_of(amount: Decimal, most_decimals: int = PRICE_DECIMALS) -> Flaw | None:
    """What keeps a price, a cost or a rate from being kept as it is; None when nothing does.

    The price of one unit may be finer than its currency: 0.0375 CNY for a screw.
    """
    if not amount.is_finite() or not 0 <= amount < MOST:
        return Flaw("malformed", _("An amount such as 12.50."))
    if decimals(amount) > most_decimals:
        return Flaw("too-precise", _("At most %(n)s decimal places.") % {"n": most_decimals})
    return None


def flaw_of_sum(amount: Decimal, currency: str) -> Flaw | None:
    """What keeps an amount that is paid as a whole from being kept: it has its currency's decimal places."""
    if flaw := flaw_of(amount):
        return flaw
    if amount % minor_unit(currency):
        detail = _("An amount has at most the decimal places of %(currency)s.")
        return Flaw("too-precise", detail % {"currency": currency})
    return None


def cost_errors(costs: Iterable[tuple[int, Decimal | None]]) -> list[FieldError]:
    """What is wrong with the unit costs of rows, by the row's number."""
    return [
        FieldError(f"/lines/{row}/unit_cost", *flaw)
        for row, cost in costs
        if cost is not None and (flaw := flaw_of(cost))
    ]


def refuse(flaw: Flaw | None, pointer: str) -> None:
    """Raise Invalid at `pointer` for a flaw, where there is one."""
    if flaw:
        raise Invalid(flaw.detail, errors=[FieldError(pointer, *flaw)])
