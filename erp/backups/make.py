"""Makes a backup: one moment of the database, the files on disk and, where asked for, the keys."""

import io
import os
import secrets
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings
from django.core.files.storage import default_storage

from erp.backups.dumps import dumped, snapshot
from erp.backups.files import packed
from erp.backups.manifest import (
    DATABASE,
    FILE,
    FILES,
    FORMAT,
    KEYS,
    SEALED,
    Manifest,
    NoBackup,
    Part,
    sync_folder,
    write_manifest,
)
from erp.backups.seals import Recipient, recipients_of, store
from erp.privacy.register import write_register

UNFINISHED = ".unfinished"


class KeysInClear(Exception):
    """Keys are asked for in a backup that anybody could read."""


def make_backup(folder: Path, *, with_keys: bool = False, now: datetime) -> Manifest:
    """Write a backup to a folder that does not exist yet, or is empty; return its manifest.

    It is there whole or not at all, and only its owner may read it. Encrypted where BACKUP_RECIPIENTS names public
    keys. Raises NoBackup, KeysInClear, Unsealable, ToolFailed, OSError.
    """
    recipients = recipients_of(settings.BACKUP_RECIPIENTS)
    if with_keys and not recipients:
        raise KeysInClear("Keys go into encrypted backups only: set BACKUP_RECIPIENTS.")
    if folder.exists() and any(folder.iterdir()):
        already = "already holds a backup" if (folder / FILE).exists() else "is not empty"
        raise NoBackup(f"{folder} {already}; choose another folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.parent / f".{folder.name}.{secrets.token_hex(4)}{UNFINISHED}"
    unfinished.mkdir(mode=0o700)
    try:
        manifest = _written(unfinished, recipients, with_keys=with_keys, now=now)
        write_manifest(manifest, unfinished)
        os.rename(unfinished, folder)
        sync_folder(folder.parent)
        write_register(folder.parent)  # who was erased, for whoever restores an older one
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return manifest


def _keys() -> dict[str, str]:
    """What secrets in the database are sealed with, and links signed, as settings of the machine that restores."""
    return {
        "SECRET_KEY": settings.SECRET_KEY,
        "SECRET_KEY_FALLBACKS": ",".join(settings.SECRET_KEY_FALLBACKS),
    }


def _written(
    folder: Path, recipients: Sequence[Recipient], *, with_keys: bool, now: datetime
) -> Manifest:
    """Write every part. The files come after the snapshot: whatever a row of it names is there by then."""
    suffix = SEALED if recipients else ""
    parts: dict[str, Part] = {}
    with snapshot() as moment, dumped(moment) as dump:
        name = DATABASE + suffix
        parts[name] = Part(*store(dump, folder / name, recipients))
    with packed(default_storage) as archive:
        name = FILES + suffix
        parts[name] = Part(*store(archive, folder / name, recipients))
    if with_keys:
        keys = io.BytesIO(msgspec.json.encode(_keys()))
        parts[KEYS + suffix] = Part(*store(keys, folder / (KEYS + suffix), recipients))
    return Manifest(
        format=FORMAT,
        made_at=now,
        migrations=moment.migrations,
        tables=moment.tables,
        is_sealed=bool(recipients),
        parts=parts,
    )
