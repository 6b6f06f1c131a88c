"""Rounds, splits and formats amounts of money by currency, without losing a cent."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TypedDict

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import to_locale

ZERO = Decimal(0)


@lru_cache(maxsize=256)
def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency (ISO 4217): 0.01 for CNY, 1 for JPY."""
    return Decimal(1).scaleb(-get_currency_precision(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's minor unit. The one place where money is rounded."""
    return amount.quantize(minor_unit(currency), ROUND_HALF_UP)


def split(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Share `amount` by weights so that the shares sum to it exactly (largest remainder)."""
    unit = minor_unit(currency)
    whole = sum(weights, ZERO)
    if not whole:
        return [amount] + [ZERO * unit] * (len(weights) - 1) if weights else []
    exact = [amount * weight / whole for weight in weights]
    shares = [share.quantize(unit, ROUND_DOWN) for share in exact]
    left = int((amount - sum(shares, ZERO)) / unit)
    order = sorted(range(len(exact)), key=lambda i: (-(abs(exact[i] - shares[i])), i))
    for i in order[: abs(left)]:
        shares[i] += unit if left > 0 else -unit
    return shares


def plain(amount: Decimal, currency: str) -> str:
    """Format an amount as a decimal string with the currency's digits, never an exponent."""
    return f"{amount.quantize(minor_unit(currency), ROUND_HALF_UP):f}"


def shown(amount: Decimal, currency: str, locale: str = "en") -> str:
    """Format an amount for a person: ¥12.50, 12,50 €."""
    return format_currency(amount, currency, locale=to_locale(locale))


class Digits(TypedDict):
    """How exactly a DecimalField keeps numbers."""

    max_digits: int
    decimal_places: int


AMOUNT: Digits = {"max_digits": 19, "decimal_places": 4}
