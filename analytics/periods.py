"""Reads the period of a figure: whole days in the zone of the shop whose figures they are, the same on every edge."""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from erp.access.models import Channel
from erp.access.queries import own_company
from erp.errors import Malformed
from erp.zones import sound_zone

FIRST_YEAR, LAST_YEAR = 1970, 2200


class Scope(NamedTuple):
    """Whose figures are asked for: a channel's, or the whole company's; their zone and their currency."""

    channel_id: int | None
    time_zone: str
    currency: str


class Period(NamedTuple):
    """From `since` (included) to `until` (excluded)."""

    since: datetime
    until: datetime

    @property
    def before(self) -> "Period":
        """The period of the same length before it."""
        return Period(self.since - (self.until - self.since), self.since)


def scope_of(channel: Channel | None) -> Scope:
    """A channel's business day and currency, or the company's."""
    if channel is not None:
        return Scope(channel.pk, sound_zone(channel.time_zone), channel.currency)
    company = own_company()
    return Scope(None, sound_zone(company.time_zone), company.currency)


def read_period(start: str, end: str, *, zone: str, now: datetime, days: int) -> Period:
    """The period that somebody asked for; raises Malformed.

    start   a day (from its midnight in `zone` on) or a moment; "" for `days` whole days before the end
    end     a day, included, or a moment, excluded; "" for now
    """
    until = read_moment(end, "to", zone, whole_day=True) or now
    since = read_moment(start, "from", zone)
    if since is None:
        last = (until - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
        first = last - timedelta(days=days - 1)
        since = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone))
    if since >= until:
        raise Malformed(_("The period ends before it begins."))
    return Period(since, until)


def read_moment(text: str, name: str, zone: str, *, whole_day: bool = False) -> datetime | None:
    """A day or a moment as somebody wrote it; None for "". Raises Malformed.

    whole_day   the end of a day, not its beginning
    """
    if not text:
        return None
    try:
        day = parse_date(text)
        value = None if day else parse_datetime(text.replace(" ", "+"))
    except ValueError:
        day = value = None
    found = day or value
    if found is not None and not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Malformed(_("%(name)s is out of range.") % {"name": name})
    if day is not None:
        day += timedelta(days=whole_day)
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    if value is None or value.tzinfo is None:
        raise Malformed(_("%(name)s is a date or a time with its zone.") % {"name": name})
    return value
