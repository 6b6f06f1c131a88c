"""Money: what a currency is, and how it divides, is ISO 4217's to say."""

from decimal import Decimal

import pytest

from erp.money import DIGITS, is_currency, minor_unit, plain, rounded, shown, split

OF_THE_STANDARD = {"CNY": 2, "JPY": 0, "KWD": 3, "IQD": 3, "CLF": 4, "AFN": 2, "LBP": 2, "ISK": 0}


@pytest.mark.parametrize("code", sorted(DIGITS))
def test_every_currency_keeps_its_digits_rounded_split_and_shown(code):
    unit = minor_unit(code)
    assert unit == Decimal(1).scaleb(-DIGITS[code])
    assert DIGITS[code] == OF_THE_STANDARD.get(code, DIGITS[code])
    shares = split(unit * 100, [Decimal(1)] * 3, code)
    assert sum(shares) == unit * 100
    assert all(share == rounded(share, code) for share in shares)
    text = plain(Decimal("12.34567"), code)
    assert len(text.partition(".")[2]) == DIGITS[code]
    assert text in shown(Decimal("12.34567"), code)


@pytest.mark.parametrize(
    "code", ["RMB", "USDT", "US", "usd", "", "XAU", "XTS", "XXX", "HRK", "ＵＳＤ"]
)
def test_what_is_not_in_the_standard_is_no_currency(code):
    assert not is_currency(code)
