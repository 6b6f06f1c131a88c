"""Decides which backups are kept, and when the next one is due. Pure."""

from collections.abc import Collection, Hashable, Iterable
from datetime import datetime, time, timedelta

NIGHT = time(2)  # by the company's clock
PAUSE = timedelta(hours=1)  # between tries, where one failed
OLD = timedelta(hours=26)  # a day, and what a night's run may take longer than the one before


def expired(made: Iterable[datetime], *, daily: int, weekly: int) -> set[datetime]:
    """The backups that are no longer kept, by the moment they were made.

    Kept is the newest of each of the last `daily` days and of each of the last `weekly` weeks (ISO 8601) that have
    one. The newest of all is always kept, and days without a backup push none out.
    """
    newest_first = sorted(set(made), reverse=True)
    kept = newest_of_each(newest_first, [m.date() for m in newest_first], daily)
    kept |= newest_of_each(newest_first, [m.isocalendar()[:2] for m in newest_first], weekly)
    return set(newest_first) - kept - set(newest_first[:1])


def newest_of_each(
    newest_first: Collection[datetime], periods: Collection[Hashable], most: int
) -> set[datetime]:
    """The first of each of the first `most` periods."""
    firsts: dict[Hashable, datetime] = {}
    for moment, period in zip(newest_first, periods, strict=True):
        firsts.setdefault(period, moment)
    return set(list(firsts.values())[:most])


def is_due(now: datetime, *, last_good: datetime | None, last_try: datetime | None) -> bool:
    """Whether a backup is due: none was good since the last two o'clock at night, and none was tried just now.

    now   in the company's time zone
    """
    night = datetime.combine(now.date(), NIGHT, now.tzinfo)
    night -= timedelta(days=1) if now < night else timedelta(0)
    if last_good is not None and last_good >= night:
        return False
    return last_try is None or now - last_try >= PAUSE


def is_old(last_good: datetime | None, now: datetime) -> bool:
    """Whether the last good backup or drill is too long ago to be relied on."""
    return last_good is None or now - last_good > OLD
