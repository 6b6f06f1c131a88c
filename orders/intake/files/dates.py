"""Parses dates in the one notation of their column; a tie between two is no answer."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from babel import Locale, UnknownLocaleError

# The notations of dates that are looked for.
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
TWINS = (("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"))  # the day first, the month first
AMBIGUOUS = "?"  # the notation of a column that could be read in two
MOST_SAMPLES = 5000  # different days of a column


CLOCK = re.compile(
    r"(?P<day>[^:]+?)(?:[T\s,]+(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[AaPp][Mm])?)"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?"
)


# What says in a column of moments that there was none: words, and what a database or spreadsheet makes of nought.
NOTHING = frozenset(
    {"n/a", "#n/a", "na", "nan", "nat", "null", "(null)", r"\n", "nil", "none", "no", "not cancelled", "not canceled"}
    | {"false", "never", "nein", "keine", "non", "无", "無", "否", "暂无", "没有", "空", "未取消", "未关闭"}
)  # fmt: skip
NOUGHT = re.compile(
    r"(?:0+|0+[-/.]0+[-/.]0+|0001-01-01|01/01/0001|1899-12-3[01]|1900-01-0[01]|1970-01-01)"
    r"(?:[T\s]0?0:00(?::00(?:\.0+)?)?\s*(?:AM|Z|UTC|[+-]00:?00)?)?"
    r"|[\s\-–—_/.]+",  # dashes alone
    re.I,
)


def says_nothing(text: str) -> bool:
    """Whether a cell of a column of moments says that there was none."""
    plain = text.strip()
    return not plain or plain.casefold() in NOTHING or NOUGHT.fullmatch(plain) is not None


def notation_of(samples: Iterable[str], first: str = "") -> str:
    """The notation that most dates of a column are in; "" when none is known, AMBIGUOUS when two are.

    first   "day" or "month": what stands first in the country of the file, where the column does not tell
    """
    days = {day for text in samples if (day := day_of(text))}
    fits: Counter[str] = Counter()
    for day in days:
        fits.update(n for n in NOTATIONS if _read(day, n))
    if not fits:
        return ""
    most = max(fits.values())
    best = next(n for n in NOTATIONS if fits[n] == most)
    twins = next((pair for pair in TWINS if best in pair), None)
    if twins is None:
        return best
    by_day, by_month = ({day for day in days if _read(day, n)} for n in twins)
    if by_day <= by_month and by_month <= by_day:
        same = all(_read(day, twins[0]) == _read(day, twins[1]) for day in by_day)
        if same or first == "day":
            return twins[0]
        return twins[1] if first == "month" else AMBIGUOUS
    if by_day < by_month:
        return twins[1]
    return twins[0] if by_month < by_day else AMBIGUOUS


@lru_cache(maxsize=512)
def first_of(country: str, currency: str = "") -> str:
    """What stands first in a country's dates, else in a currency's: "day", "month", or "" (the year, or unknown)."""
    place = country or ("DE" if currency == "EUR" else currency[:2])
    try:
        pattern = str(Locale.parse(f"und_{place.upper()}").date_formats["short"].pattern)
    except (UnknownLocaleError, ValueError, KeyError):
        return ""
    start = pattern.lstrip("'")[:1]
    return {"d": "day", "M": "month"}.get(start, "")


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
    try:
        return datetime.strptime(f"{value:%Y-%m-%d %H:%M:%S} {mark}", "%Y-%m-%d %H:%M:%S %z")
    except ValueError:  # +99:99 is no zone
        return None


def any_moment(text: str, zone: tzinfo) -> datetime | None:
    """A cell as a point in time in whatever notation, where only one can be meant."""
    found = readings(text, zone)
    return found.pop() if len(found) == 1 else None


def is_ambiguous(text: str, zone: tzinfo) -> bool:
    """Whether a cell could be two different points in time."""
    return len(readings(text, zone)) > 1


def fits_one_order(text: str) -> bool:
    """Whether a cell says by itself that its day stands first, or its month: 13/04/2026, 04/13/2026."""
    day = day_of(text)
    return any((_read(day, one) is None) != (_read(day, other) is None) for one, other in TWINS)


def readings(text: str, zone: tzinfo) -> set[datetime]:
    """The points in time that a cell could mean; none where it is no date."""
    day = day_of(text)
    fits = [n for n in NOTATIONS if day and _read(day, n)]
    return {value for n in fits if (value := moment(text, n, zone)) is not None}


def day_of(text: str) -> str:
    """The day of a cell, without its time."""
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
