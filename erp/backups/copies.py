"""Keeps as many copies of the cluster as are wanted, and of PostgreSQL's log what they need."""

import re
import shutil
import tarfile
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection

from erp.backups.queries import backups_in

BASES = "base"  # folder of the copies, within the archive
EVERY = timedelta(days=7)
OLD = EVERY + timedelta(days=1)
SEGMENT = re.compile(r"[0-9A-F]{24}")
START = re.compile(rb"START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)")


def newest_copy(archive: Path) -> datetime | None:
    """When the newest finished copy in an archive was made; None where none can be seen."""
    try:
        return max(backups_in(archive / BASES), default=None)
    except PermissionError:
        return None  # another user's folder: told as no copy, and other alerts are told as well


def copy_is_due(archive: Path, now: datetime) -> bool:
    """Whether the newest copy is a week old, or there is none."""
    newest = newest_copy(archive)
    return newest is None or now - newest >= EVERY


def forget_old_copies(archive: Path, *, keep: int) -> list[str]:
    """Delete the copies but the newest `keep` (one at least), and the log before the oldest left; return their names.

    Nothing of the log goes while a copy that is left does not say from where on it needs it.
    """
    copies = backups_in(archive / BASES)
    newest_first = sorted(copies, reverse=True)
    gone = [copies[at] for at in newest_first[max(1, keep) :]]
    for folder in gone:
        shutil.rmtree(folder)
    needed = [first_segment(copies[at]) for at in newest_first[: max(1, keep)]]
    log = [] if None in needed or not needed else older(archive, min(n for n in needed if n))
    for path in log:
        path.unlink()
    return [path.name for path in (*gone, *log)]


def first_segment(copy: Path) -> str | None:
    """The segment of the log from which on a copy needs it, as its own label says."""
    try:
        with tarfile.open(copy / "base.tar.gz") as archive:
            for member in archive:  # the label is the first
                if member.name.lstrip("./") == "backup_label" and (
                    file := archive.extractfile(member)
                ):
                    found = START.search(file.read())
                    return found.group(1).decode() if found else None
    except (OSError, tarfile.TarError, EOFError):
        return None
    return None


def older(archive: Path, needed: str) -> list[Path]:
    """Segments of the log, and notes on copies, before one; the timeline does not count (pg_archivecleanup)."""
    return [
        path
        for path in sorted(archive.iterdir())
        if path.is_file() and SEGMENT.match(path.name) and path.name[8:24] < needed[8:]
    ]


ARCHIVER = """
SELECT current_setting('archive_mode') <> 'off',
    last_failed_time IS NULL OR last_failed_time <= coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver
"""


def log_is_kept() -> bool | None:
    """Whether the last segment that PostgreSQL handed to its archive was taken; None where it keeps no log."""
    with connection.cursor() as cursor:
        cursor.execute(ARCHIVER)
        keeps, good = cursor.fetchone()
    return bool(good) if keeps else None
