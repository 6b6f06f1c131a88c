"""Makes the nightly backup in the background."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from erp.backups.actions import claim_night
from erp.backups.copies import copy_is_due
from erp.backups.decisions import is_due
from erp.backups.gateway import start_command
from erp.backups.models import BackupRun
from erp.backups.queries import last_good, last_run
from erp.environment import has_own_engines
from erp.once import perform
from erp.zones import sound_zone

OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 200, "time_limit": 240}


@shared_task(name="erp.tasks.back_up_nightly", **OPTIONS)
def back_up_nightly(**_: object) -> None:
    """Start the night's backup and drill where one is due; asked every ten minutes.

    Nothing is done where BACKUP_DIR names no folder, nor copied where WAL_ARCHIVE_DIR names none, or PostgreSQL is not
    ours. One that failed is tried again an hour later, and of many workers one does it.
    """
    now = timezone.now()
    archive = settings.WAL_ARCHIVE_DIR if has_own_engines() else ""
    if archive and copy_is_due(Path(archive), now) and perform(claim_night, what="copy", now=now):
        start_command("copy_cluster", "--forget")
    if not settings.BACKUP_DIR:
        return
    if _is_due(BackupRun.Kind.BACKUP, now):
        if perform(claim_night, what="backup", now=now):
            start_command("backup", "--nightly")
    elif _is_due(BackupRun.Kind.DRILL, now) and perform(claim_night, what="drill", now=now):
        start_command("drill")  # the night's own was cut short, or failed


def _is_due(kind: BackupRun.Kind, now: datetime) -> bool:
    good, tried = last_good(kind), last_run(kind)
    return is_due(
        now.astimezone(ZoneInfo(sound_zone(""))),
        last_good=good.began_at if good else None,
        last_try=tried.began_at if tried else None,
    )
