"""Reads dates and periods of UN/EDIFACT in the notations of code list 2379."""

from datetime import UTC, datetime, tzinfo

from orders.intake.edi.asked_days import Period, local_day

# How dates are written (2379); of those that state a zone, UTC or an offset alone is one that everybody knows.
NOTATIONS = {
    "2": "%d%m%y",
    "101": "%y%m%d",
    "102": "%Y%m%d",
    "201": "%y%m%d%H%M",
    "203": "%Y%m%d%H%M",
    "204": "%Y%m%d%H%M%S",
}
LENGTHS = {
    "%d%m%y": 6,
    "%y%m%d": 6,
    "%Y%m%d": 8,
    "%y%m%d%H%M": 10,
    "%Y%m%d%H%M": 12,
    "%Y%m%d%H%M%S": 14,
}
ZONED = {"205": "%Y%m%d%H%M%z", "303": "%Y%m%d%H%M%Z", "304": "%Y%m%d%H%M%S%Z"}
PERIODS = {"713": "201", "717": "101", "718": "102", "719": "203"}


def moment(digits: str, notation: str) -> datetime | None:
    """A date in the notation that it says it has; of one that says none, by its length."""
    found = _read(digits, notation)
    return None if found is None else found.replace(tzinfo=found.tzinfo or UTC)


def period(written: str, notation: str, zone: tzinfo) -> Period | None:
    """The days of a date, or of a period from one to another; None where that is none.

    zone   in which their order is taken
    """
    ends = written.split("-") if notation in PERIODS else [written]
    if len(ends) != (2 if notation in PERIODS else 1):
        return None
    found = [_read(each, PERIODS.get(notation, notation)) for each in ends]
    days = [local_day(each, zone) for each in found if each is not None]
    if len(days) != len(ends) or days[0] > days[-1]:
        return None
    return Period(days[0], days[-1])


def _read(digits: str, notation: str) -> datetime | None:
    by_length = {6: "101", 8: "102", 10: "201", 12: "203", 14: "204"}.get(len(digits), "")
    pattern = (NOTATIONS | ZONED).get(notation or by_length, "")
    if len(digits) != LENGTHS.get(pattern, len(digits)):
        return None  # seven digits could be two dates
    try:
        found = datetime.strptime(digits, pattern)  # noqa: DTZ007  a notation without a zone states none
    except ValueError:
        return None
    if notation in ZONED and found.tzinfo is None:
        if not digits.endswith(("UTC", "GMT")):
            return None
        found = found.replace(tzinfo=UTC)
    return found if 1990 <= found.year <= 2100 else None
