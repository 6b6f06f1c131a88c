"""Decides from the days that a purchase order asks for when it may leave, and by when it has to have left or come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from itertools import product
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

# What a day may be asked for: to leave or to come, from it, on it, or by it; to be given up after it.
SHIP_FROM, SHIP_ON, SHIP_BY = "ship_from", "ship_on", "ship_by"
COME_FROM, COME_ON, COME_BY = "come_from", "come_on", "come_by"
CANCEL = "cancel"
BEGINS = frozenset({SHIP_FROM, SHIP_ON, COME_FROM, COME_ON})
WORDS = {
    SHIP_FROM: _("Ship not before %(day)s"),
    SHIP_ON: _("Shipping requested for %(day)s"),
    SHIP_BY: _("Ship by %(day)s"),
    COME_FROM: _("Deliver not before %(day)s"),
    COME_ON: _("Delivery requested for %(day)s"),
    COME_BY: _("Deliver by %(day)s"),
    CANCEL: _("Cancel after %(day)s"),
}


LONGEST_WAIT = timedelta(days=366)


class Period(NamedTuple):
    """Days from the first to the last of them, both included; a day is a period of one."""

    first: date
    last: date


def local_day(moment: datetime, zone: tzinfo) -> date:
    """The day of a moment where its order is taken; one that states no zone is meant there already."""
    return moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Asked:
    """One day, or period, that is asked for, of the whole order (line 0) or of one of its lines.

    code     which of its notation's kinds of days it is; two of one are one too many
    written  what the message says, as a person finds it there
    days     None where that cannot be read
    """

    role: str
    code: str
    written: str
    days: Period | None
    line: int = 0

    def parts(self) -> Iterable[tuple[str, date]]:
        """What it comes to: a period begins on its first day, and ends on its last."""
        if self.days is None:
            return
        yield self.role, self.days.first if self.role in BEGINS else self.days.last
        if self.role in BEGINS and self.days.last > self.days.first:
            yield (SHIP_BY if self.role in {SHIP_FROM, SHIP_ON} else COME_BY), self.days.last


@dataclass(slots=True)
class Days:
    """What is asked for in all.

    not_before  the first day on which it may leave; None: as soon as it can
    comes_on    the day on which it should come, where it says nothing of leaving: it leaves so much before
    comes_by    the last day on which it should come, likewise; `coming` is what states it
    until       the last day that anything asks for: once that has passed, a person looks
    told        the days that staff should see, by their roles
    doubts      findings about what cannot be read, or not be followed
    """

    not_before: date | None = None
    comes_on: date | None = None
    comes_by: date | None = None
    coming: str = ""
    until: date | None = None
    told: dict[str, date] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def in_words(self) -> str:
        """What staff should see of it, a line each."""
        told = [(role, self.told[role]) for role in WORDS if role in self.told]
        return "\n".join(str(WORDS[role]) % {"day": day.isoformat()} for role, day in told)


def decided(asked: Sequence[Asked], lines: int, ordered_on: date | None) -> Days:
    """Decide when an order may leave, and what of its days a person has to look at.

    A day to leave is taken as it is. A day from which it may come is one to leave as well: what leaves on it cannot
    come before it, whatever its carrier takes. A day to come is one to leave as long as nobody knows what its
    service takes; where that is known, it leaves so much before. Where an order says both, what it says of leaving
    counts, but nothing leaves before the first day on which it may come.
    """
    found = Days(doubts=[_doubt(each) for each in _unusable(asked)])
    by_line: dict[int, list[Asked]] = {}
    for each in asked:
        by_line.setdefault(each.line, []).append(each)
    whole, of_whole = _days_of(by_line.get(0, ())), _stating(by_line.get(0, ()))
    windows = [whole | _days_of(by_line.get(n, ())) for n in range(1, lines + 1)] or [whole]
    if any(window != windows[0] for window in windows):
        split = next(each for each in asked if each.line)
        found.doubts.append(f"delivery_split:{split.written}"[:54])
    for line, window in enumerate(windows, 1):
        begin, until = _begin(window), _until(window)
        for role in sorted(_impossible(window, ordered_on)):
            stated = _stating(by_line.get(line, ())).get((role, window[role]))
            found.doubts.append(_doubt(stated or of_whole[role, window[role]]))
        found.not_before = max(filter(None, (found.not_before, begin)), default=None)
        found.until = min(filter(None, (found.until, until)), default=None)
        _note_arrival(found, window, {**of_whole, **_stating(by_line.get(line, ()))})
        for role, day in window.items():
            kept = found.told.get(role, day)
            found.told[role] = max(kept, day) if role in BEGINS else min(kept, day)
    found.doubts = list(dict.fromkeys(found.doubts))
    if ordered_on is not None and found.not_before is not None and found.not_before <= ordered_on:
        found.not_before = None
    return found


def _doubt(each: Asked) -> str:
    return f"date_requested:{each.written}"[:54]


def _unusable(asked: Sequence[Asked]) -> list[Asked]:
    """Days that cannot be read, and those that one place states twice, and differently."""
    known: dict[tuple[int, str], Period | None] = {}
    found = []
    for each in asked:
        if each.days is None or known.setdefault((each.line, each.code), each.days) != each.days:
            found.append(each)
    return found


def _days_of(asked: Iterable[Asked]) -> dict[str, date]:
    """The days of one place by their roles; of several of one role the narrowest counts."""
    found: dict[str, date] = {}
    for each in asked:
        for role, day in each.parts():
            kept = found.get(role, day)
            found[role] = max(kept, day) if role in BEGINS else min(kept, day)
    return found


def _begin(window: Mapping[str, date]) -> date | None:
    """The first day on which it may leave."""
    leaves = [window[role] for role in (SHIP_FROM, SHIP_ON) if role in window]
    comes = [
        window[role] for role in (COME_FROM, *(() if leaves else (COME_ON,))) if role in window
    ]
    begin = max([*leaves, *comes], default=None)
    if begin is not None and not leaves and SHIP_BY in window:
        return min(begin, window[SHIP_BY])  # by then it has to have left, to come on its day
    return begin


def _note_arrival(
    found: Days, window: Mapping[str, date], stating: Mapping[tuple[str, date], Asked]
) -> None:
    """Note when a line should come: the last line's day is the one to be met, the first one's end the last."""
    if SHIP_FROM in window or SHIP_ON in window:
        return
    last = next((role for role in (COME_BY, COME_ON) if role in window), "")
    if COME_ON in window or (COME_FROM in window and last):
        day = window.get(COME_ON) or window[COME_BY]
        found.comes_on = max(day, found.comes_on or day)
    if last and (found.comes_by is None or window[last] < found.comes_by):
        found.comes_by = window[last]
        found.coming = stating[last, window[last]].written


def _until(window: Mapping[str, date]) -> date | None:
    return min((window[x] for x in (SHIP_BY, COME_BY, CANCEL) if x in window), default=None)


def _stating(asked: Iterable[Asked]) -> dict[tuple[str, date], Asked]:
    """What states a day, by its role and the day: the first of several."""
    found: dict[tuple[str, date], Asked] = {}
    for each in asked:
        for part in each.parts():
            found.setdefault(part, each)
    return found


def _impossible(window: Mapping[str, date], ordered_on: date | None) -> set[str]:
    """The roles of days that cannot all be: one ends before another begins, or before it was ordered, or in years.

    What may begin from a day on may have begun before it was ordered, though not by years.
    """
    found: set[str] = set()
    for begins, ends in (
        ((SHIP_FROM, SHIP_ON), (SHIP_BY, COME_ON, COME_BY, CANCEL)),
        ((SHIP_FROM,), (SHIP_ON,)),
        ((COME_FROM, COME_ON), (COME_BY, CANCEL)),
        ((COME_FROM,), (COME_ON,)),
    ):
        for begin, end in product(begins, ends):
            if begin in window and end in window and window[begin] > window[end]:
                found |= {begin, end}
    if ordered_on is not None:
        for role, day in window.items():
            is_late = day < ordered_on and role not in {SHIP_FROM, COME_FROM}
            if is_late or (role in BEGINS and abs(day - ordered_on) > LONGEST_WAIT):
                found.add(role)
    return found
