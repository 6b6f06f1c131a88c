"""Reads the days that the deliveries of a UBL order ask for."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from xml.etree.ElementTree import Element

from orders.intake.edi.asked_days import (
    COME_BY,
    COME_FROM,
    COME_ON,
    SHIP_ON,
    Asked,
    Period,
    local_day,
)
from orders.intake.edi.ubl_elements import all_of, text_of
from orders.intake.messages.foreign_json import text

# Periods by what their first and last days are asked for: an estimate has no last one.
PERIODS = {
    "RequestedDeliveryPeriod": (COME_FROM, COME_BY),
    "PromisedDeliveryPeriod": (COME_FROM, COME_BY),
    "EstimatedDeliveryPeriod": (COME_ON, ""),
}
# Single days: where they stand, and the time of day that may stand beside them.
SINGLE = (
    (COME_BY, (), "LatestDelivery"),
    (SHIP_ON, ("Despatch",), "RequestedDespatch"),
    (SHIP_ON, ("Despatch",), "EstimatedDespatch"),
)
DAY = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?", re.ASCII)


def asked_of(delivery: Element, line: int, zone: tzinfo) -> Iterator[Asked]:
    """The days that a delivery asks for, of the whole order (line 0) or of one of its lines."""
    for name, (first, last) in PERIODS.items():
        for node in all_of(delivery, name):
            yield from _period(node, name, first, last, line, zone)
    for role, path, name in SINGLE:
        for node in all_of(delivery, *path) if path else [delivery]:
            for each in all_of(node, f"{name}Date"):
                time = text_of(node, f"{name}Time", longest=30)
                yield _asked(role, name, text(each.text, 30), time, line, zone)


def _period(
    node: Element, name: str, first: str, last: str, line: int, zone: tzinfo
) -> Iterator[Asked]:
    """A period by its first and last days; one that says it in other words cannot be read."""
    is_said = False
    for role, end in ((first, "Start"), (last, "End")):
        for each in all_of(node, f"{end}Date"):
            is_said = True
            time = text_of(node, f"{end}Time", longest=30)
            if role:
                yield _asked(role, f"{name} {end}", text(each.text, 30), time, line, zone)
    if not is_said:
        yield Asked(first, name, name, None, line)


def _asked(role: str, code: str, written: str, time: str, line: int, zone: tzinfo) -> Asked:
    day = _day(written, time, zone)
    return Asked(role, code, f"{code} {written}".strip(), day, line)


def _day(written: str, time: str, zone: tzinfo) -> Period | None:
    """A day of XML Schema; with a time and a zone, the day of that moment where its order is taken."""
    match = DAY.fullmatch(written)
    if match is None:
        return None
    try:
        plain = datetime.fromisoformat(match[1])
        moment = datetime.fromisoformat(f"{match[1]}T{time}") if time else plain
        if time and match[2] and moment.tzinfo is None:
            moment = datetime.fromisoformat(f"{match[1]}T{time}{match[2]}")
    except ValueError:
        return None
    if not 1990 <= plain.year <= 2100:
        return None
    day = local_day(moment, zone)
    return Period(day, day)


def moment_of(day: str, time: str) -> datetime | None:
    """The moment of a day and a time of it, in UTC where it states no zone; None where that is none."""
    try:
        found = datetime.fromisoformat(f"{day}T{time or '00:00:00'}")
    except ValueError:
        try:
            found = datetime.fromisoformat(day)
        except ValueError:
            return None
    if not 1990 <= found.year <= 2100:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
