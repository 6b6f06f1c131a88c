"""Bounds what comes from outside, so that every column, zone and page can hold it."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

import msgspec
from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
FARTHEST = timedelta(hours=14)  # of any zone from UTC; PostgreSQL refuses sixteen
MOST = 2**31 - 1  # of PostgreSQL's integer
KEY_DIGITS = 18  # all that many fit PostgreSQL's bigint
LONGEST = 20_000  # characters of any text
LARGEST_FILE = 200 * 1024 * 1024  # bytes of a file that a job works on
NUL = "\x00"
UNREADABLE = re.compile("[\x00\ud800-\udfff]")  # and halves of characters
# What is raised over bytes that are no JSON: for some that are no UTF-8, and for what is nested deeply, not its own.
NO_JSON = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def check_bounds(value: object, pointer: str = "") -> None:
    """Raise Invalid naming what in a body no column, zone or page can hold.

    A moment has a zone and lies, like a day, in the years 1900 to 2199; a whole number fits PostgreSQL's
    integer; a text has at most 20,000 characters. What a field allows beyond that, its action says.
    A hold until the year 9999 was taken once: in a zone east of UTC it could not be shown any more,
    and with it neither its order nor the list.
    """
    check = CHECKS.get(type(value))
    if check is not None:
        check(value, pointer)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            item = getattr(value, name)
            # Most fields are short texts: they are looked at here, without a call for each.
            if item is None or (type(item) is str and _is_fine(item)):
                continue
            check_bounds(item, f"{pointer}/{name}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            check_bounds(item, f"{pointer}/{index}")


def _is_fine(text: str) -> bool:
    return len(text) <= LONGEST and UNREADABLE.search(text) is None


def check_moment(moment: datetime, pointer: str = "") -> None:
    """Raise Invalid for a moment without its zone, or outside 1900 to 2199."""
    offset = moment.utcoffset()
    if offset is None or abs(offset) > FARTHEST:
        text = _("Give the moment with its offset from UTC, such as 2026-03-02T12:00:00Z.")
        raise Invalid(errors=[FieldError(pointer, "malformed", text)])
    local = moment.replace(tzinfo=UTC)
    if not EARLIEST <= local < LATEST:
        text = _("A moment lies between the years 1900 and 2199.")
        raise Invalid(errors=[FieldError(pointer, "out-of-range", text)])


def check_day(day: date, pointer: str = "") -> None:
    """Raise Invalid for a day outside 1900 to 2199."""
    if not EARLIEST.date() <= day < LATEST.date():
        text = _("A day lies between the years 1900 and 2199.")
        raise Invalid(errors=[FieldError(pointer, "out-of-range", text)])


def read_day(text: str, pointer: str = "") -> date | None:
    """The day that a field says; None where it is empty. Raises Invalid for what is no day, or none of 1900 to 2199."""
    text = text.strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        detail = _("“%(text)s” is not a day such as 2026-03-01.") % {"text": text[:40]}
        raise Invalid(errors=[FieldError(pointer, "malformed", detail)]) from None
    check_day(day, pointer)
    return day


def read_whole(text: str, pointer: str = "") -> int | None:
    """The whole number from nought that a field says, as far as a key goes; None where it is empty. Raises Invalid.

    Digits alone are no promise: Python refuses to read more than 4,300 of them.
    """
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > KEY_DIGITS:
        detail = _("“%(text)s” is not a whole number.") % {"text": text[:40]}
        raise Invalid(errors=[FieldError(pointer, "malformed", detail)])
    return int(text)


def signed_whole(text: str, digits: int) -> int | None:
    """The whole number that a text is, with one sign or none and at most so many digits; None for any other text.

    To strip signs and look at the rest let "--5" and "+-5" through to Python, which reads neither.
    """
    text = text.strip()
    plain = text[1:] if text[:1] in {"-", "+"} else text
    return int(text) if plain.isascii() and plain.isdecimal() and len(plain) <= digits else None


def read_moment(text: str, zone: tzinfo, pointer: str = "") -> datetime | None:
    """The moment that a field says, in a zone unless it names one; None where it is empty. Raises Invalid."""
    text = text.strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        detail = _("“%(text)s” is not a day and a time such as 2026-03-01 12:00.")
        said = detail % {"text": text[:40]}
        raise Invalid(errors=[FieldError(pointer, "malformed", said)]) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    check_moment(moment, pointer)
    return moment


def _check_number(number: int, pointer: str) -> None:
    if not -MOST <= number <= MOST:
        text = _("A number lies between -2,147,483,647 and 2,147,483,647.")
        raise Invalid(errors=[FieldError(pointer, "out-of-range", text)])


def _check_decimal(number: Decimal, pointer: str) -> None:
    if not number.is_finite() or number.adjusted() > 30:
        text = _("A number has at most 30 digits.")
        raise Invalid(errors=[FieldError(pointer, "out-of-range", text)])


def _check_text(text: str, pointer: str) -> None:
    if len(text) > LONGEST:
        detail = _("A text has at most 20,000 characters.")
        raise Invalid(errors=[FieldError(pointer, "too-long", detail)])
    if _is_fine(text):
        return
    if NUL in text:
        detail = _("Text may not hold the character U+0000.")
        raise Invalid(errors=[FieldError(pointer, "malformed", detail)])
    detail = _("Text may not hold half a character.")
    raise Invalid(errors=[FieldError(pointer, "malformed", detail)])


CHECKS: Mapping[type, Callable[..., None]] = {
    datetime: check_moment,
    date: check_day,
    int: _check_number,
    str: _check_text,
    Decimal: _check_decimal,
}
