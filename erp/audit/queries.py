"""Reads when the invariants were last proved, and what did not hold."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from erp.audit.models import AuditRun
from erp.zones import sound_zone

NIGHT = range(3, 6)  # hours by the company's clock, after the backup
PERIOD, LONGEST = timedelta(hours=20), timedelta(hours=30)


def last_audit() -> AuditRun | None:
    """The newest proof of all invariants."""
    return AuditRun.objects.order_by("-pk").first()


def is_audit_due(now: datetime) -> bool:
    """Whether tonight's proof is to be made: between three and six, or as soon as one was missed."""
    last = last_audit()
    if last is None:
        return True
    at_night = now.astimezone(ZoneInfo(sound_zone(""))).hour in NIGHT
    return now - last.at > (PERIOD if at_night else LONGEST)
