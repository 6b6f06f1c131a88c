"""Reads the days that purchase orders of ANSI X12 ask for (DTM)."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from orders.intake.edi.asked_days import (
    CANCEL,
    COME_BY,
    COME_FROM,
    COME_ON,
    SHIP_BY,
    SHIP_FROM,
    SHIP_ON,
    Asked,
    Period,
    local_day,
)

Segment = Sequence[str]


# DTM01 (element 374): days to leave, to come, and to be given up; promised, estimated and scheduled ones are asked
# for in an order. What splits lines over days and places.
ASKED = {
    **dict.fromkeys(("037", "080", "081", "082"), SHIP_FROM),
    **dict.fromkeys(("010", "066", "068", "079", "086", "087", "088", "118"), SHIP_ON),
    **dict.fromkeys(("038", "083", "084", "085"), SHIP_BY),
    **dict.fromkeys(("064", "070", "071", "072"), COME_FROM),
    **dict.fromkeys(("002", "017", "065", "067", "069", "076", "077", "078"), COME_ON),
    **dict.fromkeys(("063", "073", "074", "075", "106"), COME_BY),
    **dict.fromkeys(("001", "061", "175", "177"), CANCEL),
}
UTC_CODES = frozenset({"UT", "GM"})  # DTM04
CLOCKS = frozenset({"TM", "TS"})  # DTM05 of what is a time of the day


def at(segment: Segment, place: int) -> str:
    """An element of a segment, "" where it ends before."""
    return segment[place].strip() if place < len(segment) else ""


def asked(segment: Segment, line: int, zone: tzinfo) -> Asked:
    """A day that is asked for (DTM), of the whole before the lines, else of the line that it follows."""
    kind, written = at(segment, 1), at(segment, 2) or at(segment, 6)
    return Asked(
        ASKED[kind], kind, f"DTM {kind} {written}".strip(), _period(segment, zone), line=line
    )


def _period(segment: Segment, zone: tzinfo) -> Period | None:
    """The days of a DTM: a date with or without its time, or a period (D8, RD8).

    None where that is none, or where both are there and are not the same.
    """
    written = at(segment, 2)
    beside = [at(segment, place) for place in (5, 6, 7)]
    if not any(beside) or beside[0] in CLOCKS:
        return _day(segment, zone)
    period = _period_of(beside[0], beside[1])
    return period if not written or _day(segment, zone) == period else None


def _period_of(notation: str, written: str) -> Period | None:
    """A period as DTM05 and DTM06 state it; None where that is none."""
    ends = [day_of(x) for x in written.split("-")]
    if not all(ends) or len(ends) != {"D8": 1, "RD8": 2}.get(notation):
        return None
    first, last = (x.date() for x in (ends[0], ends[-1]) if x is not None)
    return Period(first, last) if first <= last else None


def _day(segment: Segment, zone: tzinfo) -> Period | None:
    """The day of a DTM's date, with or without its time."""
    time, day = at(segment, 3), day_of(at(segment, 2))
    if day is not None and at(segment, 4) in UTC_CODES and time:
        try:
            clock = datetime.strptime(time[:4], "%H%M").time()  # noqa: DTZ007  it is UTC's
        except ValueError:
            return None
        day = datetime.combine(day.date(), clock, UTC)
        return Period(*[local_day(day, zone)] * 2)
    return None if day is None else Period(day.date(), day.date())


def day_of(digits: str) -> datetime | None:
    """A date of eight digits, or of six as before 1999's versions."""
    if len(digits) not in {6, 8}:
        return None
    try:
        pattern = "%y%m%d" if len(digits) == 6 else "%Y%m%d"
        found = datetime.strptime(digits, pattern)  # noqa: DTZ007  UTC follows
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if 1990 <= found.year <= 2100 else None
