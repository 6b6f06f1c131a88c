"""Keeps the register of erasures in files beside the backups, and erases again what a restored backup brings back."""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from erp.access.queries import job_actor
from erp.once import perform
from erp.privacy.actions.erasure import begin_again, erase_table, finish_erasure, next_table
from erp.privacy.files import erase_files
from erp.privacy.models import Erasure
from erp.privacy.queries import register

FILE = "erasures.json"
Entry = Mapping[str, Any]


def places(*more: Path) -> list[Path]:
    """Where the register is kept: with the data, and where backups are."""
    folders = [settings.ERP_DATA_DIR, *more]
    if settings.BACKUP_DIR:
        folders.append(Path(settings.BACKUP_DIR))
    return [folder / FILE for folder in folders]


def read_register(paths: Iterable[Path]) -> dict[str, Entry]:
    """Every erasure that a file of the register knows of, by its key. A file that cannot be read is an error."""
    found: dict[str, Entry] = {}
    for path in paths:
        if path.exists():
            found |= {entry["key"]: entry for entry in json.loads(path.read_text())}
    return found


def write_register(*more: Path) -> None:
    """Write the register to its places: what stands there already stays, whatever the database knows."""
    known = {entry["key"]: entry for entry in register()}
    for path in places(*more):
        if not path.parent.is_dir():
            continue
        entries = read_register([path]) | known
        if entries:
            _write(path, sorted(entries.values(), key=lambda e: (e["asked_at"], e["key"])))


def _write(path: Path, entries: list[Entry]) -> None:
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(entries, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def known_here() -> dict[str, Entry]:
    """The register of the database that is there now; empty where there is none yet."""
    try:
        return {entry["key"]: entry for entry in register()}
    except DatabaseError:
        return {}


def to_erase_again(entries: Mapping[str, Entry], *, made_at: datetime) -> list[Entry]:
    """Whom the register names and a backup of `made_at` may hold.

    An erasure that the backup knows as done, from before it was made, is left alone.
    """
    done = Erasure.objects.filter(status="done", done_at__lt=made_at).values_list("key", flat=True)
    keys = {str(key) for key in done}
    return [entry for key, entry in sorted(entries.items()) if key not in keys]


def erase_again(entries: Mapping[str, Entry], *, made_at: datetime) -> int:
    """Erase everybody whom the register names and a backup of `made_at` may hold; return how many."""
    again = to_erase_again(entries, made_at=made_at)
    for entry in again:
        erasure = perform(
            begin_again,
            key=entry["key"],
            customers=entry["customers"],
            asked_at=datetime.fromisoformat(entry["asked_at"]),
            by=job_actor("scheduler"),
            now=timezone.now(),
        )
        erase_whole(erasure.pk)
    return len(again)


def erase_whole(erasure_id: int) -> None:
    """Go through all tables that are left of an erasure, and through the files."""
    erasure = Erasure.objects.get(pk=erasure_id)
    while table := next_table(erasure):
        perform(erase_table, erasure_id=erasure_id, model=table.model, now=timezone.now())
        erasure.refresh_from_db()
    erase_files(erasure.sought)
    perform(finish_erasure, erasure_id=erasure_id, now=timezone.now())
