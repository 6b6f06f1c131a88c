"""Rounds, splits and formats amounts of money by currency, without losing a cent."""

import re
from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TypedDict

from babel import Locale
from babel.numbers import NumberPattern, parse_pattern
from django.utils.translation import to_locale

ZERO = Decimal(0)

# ISO 4217, list one of 2025: how many decimal places the minor unit of a currency has. CLDR's digits are
# another thing (how much people care to see): they are nought for AFN and LBP, and two for IQD's fils.
# What has no minor unit is no money that anybody pays with: gold, SDR, test codes.
_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
        CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
        GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
        MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN
        QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD
        TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DIGITS = {code: digits for digits, codes in _CODES.items() for code in codes.split()}


def is_currency(code: str) -> bool:
    """Whether `code` is a currency of ISO 4217 that something can be paid in, as it is written there."""
    return code in DIGITS


@lru_cache(maxsize=256)
def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency (ISO 4217): 0.01 for CNY, 1 for JPY, 0.001 for KWD.

    A currency that is no longer one (HRK, of orders of then) has two decimal places.
    """
    return Decimal(1).scaleb(-DIGITS.get(currency, 2))


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


def decimals(amount: Decimal) -> int:
    """How many decimal places an amount says something with: 2 of 1.250, 0 of 1E+3."""
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


WRITTEN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def written(text: str) -> Decimal | None:
    """Read a decimal number as programs and people write it to us: digits and a point, nothing around them.

    None for all else: digits of other scripts, "1_000", "1e3" and " 5 " are numbers to Python only. Forms and files
    take the blanks off first.
    """
    return Decimal(text) if WRITTEN.fullmatch(text) else None


def plain(amount: Decimal, currency: str) -> str:
    """Format an amount as a decimal string with the currency's digits, never an exponent."""
    return f"{amount.quantize(minor_unit(currency), ROUND_HALF_UP):f}"


def shown(amount: Decimal, currency: str, locale: str = "en") -> str:
    """Format an amount for a person: ¥12.50, 12,50 €."""
    return _shown(amount, currency, locale, 0)


def shown_price(amount: Decimal, currency: str, locale: str = "en") -> str:
    """Format the price of one unit for a person, with all its digits where it is finer than its currency: ¥0.0375."""
    return _shown(amount, currency, locale, PRICE_DECIMALS)


def _shown(amount: Decimal, currency: str, locale: str, most: int) -> str:
    pattern, where = _pattern(DIGITS.get(currency, 2), most, to_locale(locale)), to_locale(locale)
    return str(pattern.apply(amount, where, currency=currency, currency_digits=False))


@lru_cache(maxsize=64)
def _pattern(digits: int, most: int, locale: str) -> NumberPattern:
    """A language's form of amounts: the decimals of a currency in ISO 4217, up to `most` where they say something."""
    pattern = parse_pattern(Locale.parse(locale).currency_formats["standard"].pattern)
    pattern.frac_prec = (digits, max(digits, most))
    return pattern


class Digits(TypedDict):
    """How exactly a DecimalField keeps numbers."""

    max_digits: int
    decimal_places: int


# Of the price or cost of one unit, which may be finer than its currency; as AMOUNT keeps them.
PRICE_DECIMALS = 4
RATE_DECIMALS = 8  # of what a currency is worth in another

AMOUNT: Digits = {"max_digits": 19, "decimal_places": 4}
