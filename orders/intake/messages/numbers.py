"""Parses numbers in the notation of their column or message: a value, or the name of what is wrong."""

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError

MOST = Decimal(10) ** 12
MOST_DECIMALS = 8
POINT, COMMA = ".", ","

# What stands between groups of three and is never a decimal mark: blanks, apostrophes.
_APART = re.compile(r"(?<=\d)[\s'’´](?=\d{3}(?!\d))")
_BY_COMMAS = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}")  # 1,234,567 and, in India, 1,04,999
_BY_POINTS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})*,\d{3}|\d{1,3}(?:,\d{3})+")


@dataclass(frozen=True, slots=True)
class Defective:
    """Why a text is no number to work with: not_a_number, or ambiguous between two."""

    code: str


@dataclass(slots=True)
class Marks:
    """Which decimal marks the numbers of a column or message prove by how they are written."""

    seen: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        mark = proof(text)
        if mark:
            self.seen.add(mark)

    @property
    def mark(self) -> str:
        """The one decimal mark that they prove; "" where they prove none, or both."""
        return next(iter(self.seen)) if len(self.seen) == 1 else ""

    @property
    def is_mixed(self) -> bool:
        return len(self.seen) > 1


def number(text: str, mark: str = "", *, usual: str = "") -> Decimal | Defective:
    """A text as a number, whatever its size.

    mark    the decimal mark that its column or message proves
    usual   the mark of its country or currency, which decides where nothing proves one
    What could be 1.234 or 1,234 and is decided by neither is ambiguous.
    """
    if not text.isascii() and any(unicodedata.category(c) == "No" for c in text):
        return Defective(
            "not_a_number"
        )  # 2², ①, ½: raised, encircled or broken digits are no plain ones
    sign, plain = _plain(text)
    if not re.fullmatch(r"\d*(?:[.,]\d*)*", plain) or not re.search(r"\d", plain):
        return Defective("not_a_number")
    decimal = _proof(plain) if plain.strip("0123456789") else POINT
    if decimal is None:
        return Defective("not_a_number")
    decimal = decimal or mark or usual
    if not decimal:
        return Defective("ambiguous")
    group = COMMA if decimal == POINT else POINT
    value = Decimal(plain.replace(group, "").replace(decimal, ".")) * sign
    exponent = value.as_tuple().exponent
    if abs(value) >= MOST or (isinstance(exponent, int) and -exponent > MOST_DECIMALS):
        return Defective("not_a_number")
    return value


def proof(text: str) -> str:
    """The decimal mark that a number proves by itself; "" of one that proves none, or is none."""
    return _proof(_plain(text)[1]) or ""


def _plain(text: str) -> tuple[int, str]:
    """A sign, and digits with what stands between them."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip()
    sign = 1
    if plain.startswith("(") and plain.endswith(")"):
        sign, plain = -1, plain[1:-1].strip()
    elif plain[:1] in {"-", "+"}:
        sign, plain = (-1 if plain[0] == "-" else 1), plain[1:].strip()
    elif plain.endswith("-"):
        sign, plain = -1, plain[:-1].strip()
    if not plain.isascii():
        plain = "".join(c for c in plain if c not in "\u200b\u200e\u200f\ufeff\u2060")
    return sign, _APART.sub("", plain)


@lru_cache(maxsize=4096)
def _proof(plain: str) -> str | None:
    """The mark that is proven; "" where either could be meant; None for what is no number in any notation."""
    points, commas = plain.count(POINT), plain.count(COMMA)
    if points and commas:
        last = max(POINT, COMMA, key=plain.rfind)
        group = COMMA if last == POINT else POINT
        whole = plain.rpartition(last)[0]
        grouped = _INDIAN if group == COMMA else _BY_POINTS
        return last if plain.count(last) == 1 and grouped.fullmatch(whole) else None
    if points > 1:
        return COMMA if _BY_POINTS.fullmatch(plain) else None
    if commas > 1:
        return POINT if _BY_COMMAS.fullmatch(plain) else None
    if not points and not commas:
        return ""
    mark = POINT if points else COMMA
    before, _mark, behind = plain.partition(mark)
    could_group = len(behind) == 3 and 1 <= len(before) <= 3 and not before.startswith("0")
    return "" if could_group else mark


@lru_cache(maxsize=512)
def usual_mark(country: str, currency: str = "") -> str:
    """The decimal mark of a country, else of a currency's; "" where nobody can say.

    The countries of the euro do not agree.
    """
    if not country and currency and currency != "EUR":
        country = currency[:2]
    if len(country) != 2 or not country.isalpha():
        return ""
    try:
        found = Locale.parse(f"und_{country.upper()}").number_symbols
    except (UnknownLocaleError, ValueError):
        return ""
    symbols = found.get("latn", found)
    mark = str(symbols.get("decimal", ""))
    return mark if mark in {POINT, COMMA} else ""
