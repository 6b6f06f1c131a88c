"""Decides the time zone in which customers and suppliers read moments: their channel's, else the company's.

Pages of the dashboard have the zone of whoever is signed in. Everything else that shows a moment to
people outside (messages, papers, the pages behind a link) is made inside `zone_shown`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from erp.access.models import Channel, Company
from erp.remembered import remembered
from erp.zone_names import is_zone, zone_meant


@remembered
def zone_of_channel(channel_id: int | None = None) -> ZoneInfo:
    """Find the zone whose days a channel's customers mean; without a channel, the company's."""
    name = Channel.objects.filter(pk=channel_id or 0).values_list("time_zone", flat=True).first()
    return ZoneInfo(sound_zone(name or ""))


def sound_zone(name: str) -> str:
    """A stored zone's name as everything reads it: where it is none, the company's, else that of the settings.

    It is no refusal: goods leave a warehouse whose zone somebody mistyped years ago. The audit's law
    `time_zones_exist` and an alert to staff name it.
    """
    if is_zone(name):
        return name
    company = Company.objects.filter(pk=1).values_list("time_zone", flat=True).first()
    return zone_meant(name, company or "", settings.TIME_ZONE)


@contextmanager
def zone_shown(channel_id: int | None = None) -> Iterator[ZoneInfo]:
    """Show every moment in the zone of a channel, or of the company, until the block ends."""
    zone = zone_of_channel(channel_id)
    with timezone.override(zone):
        yield zone


def day_of(moment: datetime) -> str:
    """Write the day of a moment in the zone that is shown, ISO 8601."""
    return timezone.localtime(moment).date().isoformat()


def offset_of(moment: datetime) -> str:
    """Write how far the zone that is shown lies from UTC at a moment: UTC+8, UTC−3:30."""
    offset = timezone.localtime(moment).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
