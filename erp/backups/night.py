"""Makes the night's backup, drills it, and lets old ones go; each with a row that says how it went."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import Error, connections
from django.utils import timezone

from erp.backups.actions import begin_run, end_run
from erp.backups.decisions import expired
from erp.backups.drill import Drilled, drill
from erp.backups.dumps import ToolFailed
from erp.backups.make import UNFINISHED, KeysInClear, make_backup
from erp.backups.manifest import Manifest, NoBackup
from erp.backups.models import BackupRun
from erp.backups.queries import backups_in, folder_name
from erp.backups.seals import Unsealable
from erp.once import perform

LEFT_OVER_S = 24 * 3600  # after which an unfinished backup is one that was killed
PLAIN = (NoBackup, KeysInClear, Unsealable, ToolFailed)  # whose messages are plain lines
FAILURES = (*PLAIN, OSError, Error)


class NotMade(Exception):
    """A backup could not be made; the message is the plain reason, and it is noted."""


def back_up(folder: Path, *, with_keys: bool, now: datetime) -> Manifest:
    """Make a backup and note how that went. Raises NotMade."""
    run = perform(begin_run, kind=BackupRun.Kind.BACKUP, name=folder.name, now=now)
    try:
        with _failure_noted(run):
            manifest = make_backup(folder, with_keys=with_keys, now=now)
    except FAILURES as failure:
        raise NotMade(_reason(failure)) from failure
    size = sum(part.size for part in manifest.parts.values())
    said = f"{len(manifest.tables)} tables, {size / 1e6:.1f} MB."
    perform(end_run, run_id=run.pk, wrong="", said=said, size=size, now=timezone.now())
    return manifest


def drill_backup(folder: Path, *, now: datetime) -> Drilled:
    """Drill a backup and note how that went."""
    run = perform(begin_run, kind=BackupRun.Kind.DRILL, name=folder.name, now=now)
    with _failure_noted(run):
        outcome = drill(folder)
    perform(
        end_run,
        run_id=run.pk,
        wrong=outcome.wrong,
        said=outcome.said,
        size=None,
        now=timezone.now(),
    )
    return outcome


@contextmanager
def _failure_noted(run: BackupRun) -> Iterator[None]:
    """Note why a run ended before its end, whatever it was; a row without a reason says that it still runs."""
    try:
        yield
    except BaseException as failure:
        for connection in connections.all():
            connection.close_if_unusable_or_obsolete()
        with suppress(Error):  # the database itself is gone: whoever asked is told, and the log
            wrong = _reason(failure)
            perform(end_run, run_id=run.pk, wrong=wrong, said="", size=None, now=timezone.now())
        raise


def _reason(failure: BaseException) -> str:
    """Why, in one line."""
    if isinstance(failure, SystemExit | KeyboardInterrupt):
        return "It was ended before it was done."
    said = str(failure).strip()
    named = isinstance(failure, PLAIN) and said
    return said if named else f"{type(failure).__name__}: {said}".replace("\n", " ")


def next_folder(now: datetime) -> Path:
    """Where in BACKUP_DIR the backup of this moment belongs."""
    return Path(settings.BACKUP_DIR) / folder_name(now)


def forget_expired(now: datetime) -> list[str]:
    """Delete the backups that are no longer kept, and what killed ones left; return their names."""
    found = backups_in(Path(settings.BACKUP_DIR))
    gone = expired(found, daily=settings.BACKUP_KEEP_DAILY, weekly=settings.BACKUP_KEEP_WEEKLY)
    folders = [found[at] for at in sorted(gone)]
    for path in Path(settings.BACKUP_DIR).glob(f".*{UNFINISHED}"):
        if time.time() - path.stat().st_mtime > LEFT_OVER_S:
            folders.append(path)
    for folder in folders:
        shutil.rmtree(folder)
    return [folder.name for folder in folders]
