"""Parses cells: amounts and counts in their column's notation, codes without a spreadsheet's guard."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from erp.files import Typed
from erp.money import is_currency
from erp.visible import is_blank, seen
from orders.intake.messages.numbers import Defective, number, proof

MOST_UNITS = 1_000_000


_SIGN = r"(?:US\$|HK\$|NT\$|[AC]\$|R\$|[A-Z]{3}|Rs\.?|[¥￥$€£₹₩₽]|元)"
MONEY = re.compile(
    rf"(?P<minus>[-\u2212+(]?)\s*(?P<before>{_SIGN})?\s*(?P<body>[-\u2212+]?[^A-Za-z]*?)\s*(?P<after>{_SIGN})?(?P<end>\)?)",
    re.I,
)


# Of which currencies a sign may be; the dollar is many countries' own.
SIGNS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "¥": frozenset({"CNY", "JPY"}),
        "￥": frozenset({"CNY", "JPY"}),
        "元": frozenset({"CNY", "TWD", "HKD"}),
        "RMB": frozenset({"CNY"}),
        "€": frozenset({"EUR"}),
        "£": frozenset({"GBP", "EGP", "GIP", "FKP", "SHP", "SDG", "SSP", "LBP", "SYP"}),
        "₹": frozenset({"INR"}),
        "RS": frozenset({"INR", "PKR", "LKR", "NPR", "MUR", "SCR"}),
        "RS.": frozenset({"INR", "PKR", "LKR", "NPR", "MUR", "SCR"}),
        "₩": frozenset({"KRW", "KPW"}),
        "₽": frozenset({"RUB"}),
        "US$": frozenset({"USD"}),
        "HK$": frozenset({"HKD"}),
        "NT$": frozenset({"TWD"}),
        "A$": frozenset({"AUD"}),
        "C$": frozenset({"CAD", "NIO"}),
        "R$": frozenset({"BRL"}),
    }
)
NOT_DOLLARS = frozenset(
    {"CNY", "JPY", "EUR", "GBP", "INR", "CHF", "SEK", "NOK", "DKK", "PLN", "RUB"}
)


# 13800000000.0 and 1.38E+10: what a spreadsheet makes of digits.
TAILED = re.compile(r"(\d+)\.0{1,2}")
POWER = re.compile(r"(\d)(?:[.,](\d+))?E\+(\d{1,2})", re.I)


def unguarded(text: str, *, is_code: bool) -> str:
    """A cell without what guards it against a spreadsheet: ="…", a tab, ' or `; "" where nothing is to be seen.

    is_code   it is compared, not read: marks that nobody sees are left out, ' before a letter is a guard too
    """
    if isinstance(text, Typed):
        return text
    plain = text.replace("\x00", "").strip().strip("\ufeff\u200b").strip()
    if plain.startswith('="') and plain.endswith('"') and len(plain) > 2:
        plain = plain[2:-1].replace('""', '"').strip()
    if plain[:1] in {"'", "`"} and (is_code or not re.match(r"[A-Za-z]", plain[1:])):
        plain = plain[1:].strip()  # 's-Hertogenbosch and 't Hart keep theirs
    if plain.isascii():
        return plain
    if is_blank(plain):
        return ""
    return seen(plain) if is_code else plain


def digits(text: str) -> str:
    """A code as it was before a spreadsheet took it for a number, as far as its digits are all there."""
    if found := TAILED.fullmatch(text):
        return found[1]
    if (found := POWER.fullmatch(text)) and not lost_digits(text):
        whole = found[1] + (found[2] or "")
        return whole[: int(found[3]) + 1] if set(whole[int(found[3]) + 1 :]) <= {"0"} else text
    return text


def lost_digits(text: str) -> bool:
    """Whether a spreadsheet wrote a code as a power of ten and left digits out: 1.38E+10."""
    found = POWER.fullmatch(text)
    return found is not None and len(found[2] or "") < int(found[3])


def amount(text: str, mark: str = "", *, usual: str = "") -> Decimal | Defective:
    """A cell as money, without the sign of its currency; `mark` and `usual` as `number` takes them."""
    if isinstance(text, Typed):
        return number(text, ".", usual=".")
    found = MONEY.fullmatch(text.strip())
    if found is None or (found["before"] and found["after"]):
        return Defective("not_a_number")
    return number(f"{found['minus']}{found['body']}{found['end']}", mark, usual=usual)


def may_be_thousandths(text: str, unit: Decimal, usual: str) -> bool:
    """Whether what stands before three digits may be the decimal mark of a currency that has three: 12,345 KWD."""
    if isinstance(text, Typed) or unit != Decimal("0.001"):
        return False
    plain = bare(text)
    return not proof(plain) and any(mark in plain for mark in ".,") and usual not in plain


def bare(text: str) -> str:
    """An amount without the sign of its currency; another text as it is."""
    found = MONEY.fullmatch(text.strip())
    return f"{found['minus']}{found['body']}{found['end']}" if found else text


def is_of(text: str, code: str) -> bool:
    """Whether the sign that an amount carries may be of this currency; one that carries none may."""
    found = MONEY.fullmatch(text.strip())
    sign = ((found["before"] or found["after"] or "") if found else "").upper()
    if not sign or sign == code:
        return True
    return code not in NOT_DOLLARS if sign == "$" else code in SIGNS.get(sign, frozenset())


def count(text: str, mark: str = "", *, usual: str = "") -> int | Defective:
    """A cell as a number of units from 1 to a million."""
    typed = isinstance(text, Typed)
    found = number(text, "." if typed else mark, usual="." if typed else usual)
    if isinstance(found, Defective):
        return found
    if found != int(found) or not 1 <= found <= MOST_UNITS:
        return Defective("not_a_number")
    return int(found)


@lru_cache(maxsize=256)
def currency(text: str) -> str | None:
    """A cell as an ISO 4217 code; None for what is none."""
    code = text.strip().upper()
    return code if is_currency(code) else None


def any_filled(cells: Sequence[str]) -> bool:
    """Whether a row says anything."""
    return any(cell.strip() for cell in cells)
