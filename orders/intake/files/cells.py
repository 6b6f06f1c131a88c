"""Parses cells: amounts in any notation, counts, dates in one notation per file."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from erp.money import is_currency

MOST_MONEY = Decimal(10) ** 12


MOST_UNITS = 1_000_000


GROUPED = re.compile(
    r"-?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?"
)  # 1,234.50 and, in India, 1,04,999.00


GROUPED_BY_POINT = re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?|-?\d+,\d{1,2}")  # 1.234,50 and 12,5


SIGNS = re.compile(r"[\s¥￥$€£₹]|^(?:CNY|USD|EUR|GBP|INR|RMB|Rs\.?)\s*")


# The notations of dates that are looked for; a day before a month where both could be.
NOTATIONS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%d-%m-%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%m-%d-%Y",
    "%d %b %Y",
    "%b %d %Y",
)


CLOCK = re.compile(
    r"(?P<day>[^:]+?)(?:[T\s,]+(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[AaPp][Mm])?)"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?"
)


def amount(text: str) -> Decimal | None:
    """A cell as money; None for what is no number. An empty cell is for the caller to judge."""
    plain = SIGNS.sub("", text.strip())
    if GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    elif GROUPED_BY_POINT.fullmatch(plain) and not re.fullmatch(r"-?\d{1,3}\.\d{3}", plain):
        plain = plain.replace(".", "").replace(",", ".")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    plausible = number.is_finite() and abs(number) < MOST_MONEY and "e" not in plain.lower()
    return number if plausible and _scale(number) <= 8 else None


def _scale(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def count(text: str) -> int | None:
    """A cell as a number of units from 1 to a million; None for anything else."""
    plain = text.strip()
    if GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    plain = re.sub(r"\.0+$", "", plain)
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 7:
        return None
    return int(plain) if 1 <= int(plain) <= MOST_UNITS else None


@lru_cache(maxsize=256)
def currency(text: str) -> str | None:
    """A cell as an ISO 4217 code; None for what is none."""
    code = text.strip().upper()
    return code if is_currency(code) else None


def notation_of(samples: Iterable[str]) -> str:
    """The notation that most dates of a column are in; "" when none is known."""
    fits: Counter[str] = Counter()
    for text in samples:
        day = _day(text)
        fits.update(n for n in NOTATIONS if day and _read(day, n))
    if not fits:
        return ""
    most = max(fits.values())
    return next(n for n in NOTATIONS if fits[n] == most)


def moment(text: str, notation: str, zone: tzinfo) -> datetime | None:
    """A cell as a point in time, if its day is in this notation; one without a zone is `zone`'s."""
    found = CLOCK.fullmatch(text.strip()[:60])
    day = _read(found["day"].strip(" ,"), notation) if found and notation else None
    if found is None or day is None:
        return None
    value = day
    if found["clock"]:
        hour = _hour(found["clock"])
        if hour is None:
            return None
        value = day.replace(hour=hour.hour, minute=hour.minute, second=hour.second)
    mark = found["zone"]
    if not mark:
        return value.replace(tzinfo=zone)
    if mark in {"Z", "UTC"}:
        return value.replace(tzinfo=UTC)
    return datetime.strptime(f"{value:%Y-%m-%d %H:%M:%S} {mark}", "%Y-%m-%d %H:%M:%S %z")


def any_moment(text: str, zone: tzinfo) -> datetime | None:
    """A cell as a point in time in whatever notation, where only one can be meant."""
    day = _day(text)
    fits = [n for n in NOTATIONS if day and _read(day, n)]
    found = {moment(text, n, zone) for n in fits} - {None}
    return found.pop() if len(found) == 1 else None


def _day(text: str) -> str:
    found = CLOCK.fullmatch(text.strip()[:60])
    return found["day"].strip(" ,") if found else ""


def _read(day: str, notation: str) -> datetime | None:
    try:
        value = datetime.strptime(day, notation)  # noqa: DTZ007  its zone follows
    except ValueError:
        return None
    return value if 1990 <= value.year <= 2100 else None


def _hour(clock: str) -> datetime | None:
    text = " ".join(clock.upper().replace("AM", " AM").replace("PM", " PM").split())
    for pattern in ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p"):
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  a time of day
        except ValueError:
            continue
    return None


def any_filled(cells: Sequence[str]) -> bool:
    """Whether a row says anything."""
    return any(cell.strip() for cell in cells)
