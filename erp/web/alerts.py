"""Warns of failures that need a person: on the home page, and those whom their role has told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor, ApiKey
from erp.audit.queries import last_audit
from erp.backups.copies import OLD, log_is_kept, newest_copy
from erp.backups.queries import safeguards
from erp.events.models import EventDelivery, WebhookEndpoint
from erp.jobs.models import Job
from erp.jobs.schedules import failing
from erp.lists import row_counts
from erp.messages.models import Message
from erp.notices.kinds import Found
from erp.parked.queries import parked_counts
from erp.zone_names import is_zone, zone_fields

ZONES_SHOWN = 20
KEY_WARNED_BEFORE = timedelta(days=14)


@dataclass(frozen=True)
class Alert:
    """One kind of trouble: its words, how often, where to look."""

    label: object
    shown: str
    url: str


def alerts_for(actor: Actor) -> list[Alert]:
    """Return the failures that a person may look into; usually none."""
    if "settings.view" not in actor.verbs:
        return []
    kinds = {
        "alert:messages": (
            _("Messages that could not be sent"),
            "/settings/messages/",
            lambda: Message.objects.filter(status="failed"),
        ),
        "alert:parked": (
            _("Events that a subscriber failed to process"),
            "/settings/parked/",
            lambda: EventDelivery.objects.filter(status="parked"),
        ),
        "alert:webhooks": (
            _("Webhook endpoints that are paused"),
            "/settings/webhooks/",
            lambda: WebhookEndpoint.objects.filter(status="paused"),
        ),
        "alert:jobs": (
            _("Jobs that failed"),
            "/jobs/?status=failed",
            lambda: Job.objects.filter(status="failed"),
        ),
    }
    counts = row_counts.counted({name: rows for name, (_label, _url, rows) in kinds.items()})
    return [
        Alert(label, row_counts.shown(counts[name]), url)
        for name, (label, url, _rows) in kinds.items()
        if counts[name]
    ]


def watch(now: datetime) -> Iterator[Found]:
    """Schedules that fail time after time, and subscribers whose events are parked; once a day each."""
    day = f"{timezone.localtime(now):%Y-%m-%d}"
    for beat in failing():
        name = beat.name.partition(":")[2]
        params = {"name": name, "times": beat.failures, "error": beat.error[:120]}
        yield Found("schedule_failing", f"{name}:{day}", params, "/settings/schedules/")
    parked = EventDelivery.objects.filter(status="parked").values("subscriber")
    for row in parked.annotate(events=Count("pk"), last=Max("error")).order_by("subscriber"):
        params = {
            "name": row["subscriber"],
            "events": row["events"],
            "error": row["last"].strip().rpartition("\n")[2][:120],
        }
        yield Found("subscriber_failing", f"{row['subscriber']}:{day}", params, "/settings/parked/")
    yield from _parked(day)
    yield from _broken_laws(day)
    yield from _old_backups(now, day)
    yield from _log_and_copies(now, day)
    yield from _ending_keys(now)
    yield from _keys_of_nobody(now)
    yield from _unknown_zones()


def _parked(day: str) -> Iterator[Found]:
    """Queues with work that was given up; of events it is said by subscriber."""
    for queue, rows in parked_counts().items():
        if rows and queue != "outbox":
            params = {"what": queue, "rows": rows}
            yield Found("work_parked", f"{queue}:{day}", params, "/settings/parked/")


def _broken_laws(day: str) -> Iterator[Found]:
    """Invariants that did not hold when they were last proved."""
    last = last_audit()
    for code, rows in (last.found if last else {}).items():
        yield Found("law_broken", f"{code}:{day}", {"name": code, "rows": rows}, "/settings/audit/")


def _old_backups(now: datetime, day: str) -> Iterator[Found]:
    """Where backups are made: that the last good one, or the last good drill, is older than a day."""
    for safe in safeguards(now):
        if safe.is_old:
            params = {"what": safe.kind, "since": safe.since, "error": safe.said[:120]}
            yield Found("backup_old", f"{safe.kind}:{day}", params, "/settings/health/")


def _ending_keys(now: datetime) -> Iterator[Found]:
    """API keys that are in use and end soon: a program that nobody watches would stop one morning."""
    ending = ApiKey.objects.filter(
        revoked_at=None, expires_at__gt=now, expires_at__lte=now + KEY_WARNED_BEFORE
    )
    for key in ending.select_related("actor__channel").order_by("pk"):
        params = {
            "name": key.actor.name,
            "channel": str(key.actor.channel),
            "day": f"{timezone.localtime(key.expires_at):%Y-%m-%d}",
        }
        yield Found("key_ending", f"{key.pk}", params, "/settings/keys/")


def _keys_of_nobody(now: datetime) -> Iterator[Found]:
    """API keys that work and whose maker was switched off: whoever left may have kept one."""
    working = ApiKey.objects.filter(revoked_at=None, made_by__is_active=False).exclude(
        expires_at__lte=now
    )
    for key in working.select_related("actor__channel", "made_by").order_by("pk"):
        params = {
            "name": key.actor.name,
            "channel": str(key.actor.channel),
            "person": key.made_by.name if key.made_by else "",
        }
        yield Found("key_outlives", f"{key.pk}", params, "/settings/keys/")


def _log_and_copies(now: datetime, day: str) -> Iterator[Found]:
    """Where a point in time can be restored: that it soon cannot."""
    if log_is_kept() is False:
        yield Found("log_not_kept", day, {}, "/settings/health/")
    if settings.WAL_ARCHIVE_DIR:
        newest = newest_copy(Path(settings.WAL_ARCHIVE_DIR))
        if newest is None or now - newest > OLD:
            since = f"{newest:%Y-%m-%d %H:%M} UTC" if newest else "–"
            yield Found("copy_old", day, {"since": since}, "/settings/health/")


def _unknown_zones() -> Iterator[Found]:
    """Rows whose time zone does not exist; another one is used for them (erp/zones.py)."""
    for field in zone_fields():
        rows = field.model._default_manager.exclude(**{field.name: ""} if field.blank else {})
        for zone in rows.order_by().values_list(field.name, flat=True).distinct():
            if is_zone(zone):
                continue
            what = field.model._meta.model_name
            for row in rows.filter(**{field.name: zone}).order_by("pk")[:ZONES_SHOWN]:
                params = {"what": what, "name": str(row), "zone": zone}
                yield Found("zone_unknown", f"{what}:{row.pk}:{zone}", params, "/settings/")
