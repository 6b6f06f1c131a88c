"""Restores a backup, paused: what is restored sends nothing and asks nobody until somebody says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from erp.audit.proof import prove
from erp.backups.actions import note_erased_again
from erp.backups.dumps import (
    analyse,
    counted,
    move_events_into_the_past,
    one_transaction,
    owner_alias,
    refuse_who_does_not_own,
    write_dump,
)
from erp.backups.files import unpack
from erp.backups.manifest import DATABASE, FILES, KEYS, Manifest, NoBackup, read_manifest, verify
from erp.backups.seals import Identity, Unsealable, identities_of, opened
from erp.effects.door import ask_anew
from erp.once import perform
from erp.privacy.register import erase_again, known_here, places, read_register, write_register
from erp.wiring import SAMPLE, resolve

# In the transaction that brings the rows back: a worker that runs meanwhile never sees them unpaused.
PAUSE = """
SELECT to_regclass('public.erp_effectspause') IS NOT NULL AS can_pause \\gset
\\if :can_pause
INSERT INTO public.erp_effectspause (at, restored_of) VALUES (now(), '{made_at}');
\\endif
"""


@dataclass
class Restored:
    """What came of a restore; `wrong` has a plain line for everything that is not as it should be."""

    manifest: Manifest
    files: int = 0
    erased_again: int = 0  # people, whom the backup still knew
    sample: str = ""
    wrong: list[str] = field(default_factory=list)


def readable(folder: Path) -> tuple[Manifest, Sequence[Identity] | None]:
    """A backup's manifest and the keys to open it with, after every file was compared with its hash.

    Raises NoBackup, Unsealable.
    """
    manifest = read_manifest(folder)
    verify(manifest, folder)
    if not manifest.is_sealed:
        return manifest, None
    if not settings.BACKUP_IDENTITY_FILE:
        raise Unsealable(
            "This backup is encrypted: name the file of the private key by BACKUP_IDENTITY_FILE."
        )
    return manifest, identities_of(Path(settings.BACKUP_IDENTITY_FILE))


def restore(folder: Path, *, with_files: bool = True) -> Restored:
    """Replace everything in the database and the files of the same names by a backup, and prove what came of it.

    with_files   False leaves the files that are kept as they are: they may be another installation's

    Effects are paused afterwards. Raises NoBackup, Unsealable, ToolFailed before anything was changed.
    """
    manifest, identities = readable(folder)
    refuse_later_version(manifest)
    refuse_who_does_not_own()
    outcome = Restored(manifest)
    erased = read_register(places(folder.parent)) | known_here()
    _load(manifest, folder, identities)
    outcome.wrong += _differences(manifest)
    call_command("migrate", verbosity=0, interactive=False)
    analyse()
    _pause_unless_paused(manifest)
    outcome.erased_again = erase_again(erased, made_at=manifest.made_at)
    perform(note_erased_again, now=timezone.now())
    write_register(folder.parent)
    if with_files and (name := manifest.file_of(FILES)):
        with opened(folder / name, identities) as source:
            outcome.files = unpack(source, default_storage)
    outcome.wrong += [
        f"A law is broken in {f.breaches} rows: {f.law.text} {f.rows}"
        for f in prove()
        if f.breaches
    ]
    try:
        outcome.sample = resolve(SAMPLE)()
    except Exception as error:  # whatever a row that is not as it was makes a page raise
        outcome.wrong.append(f"The newest order cannot be read: {type(error).__name__}: {error}")
    return outcome


def refuse_later_version(manifest: Manifest) -> None:
    """Raise NoBackup for a backup whose database had migrations that this version does not know."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    ours = {name.partition(".")[0] for name in known}
    later = sorted(m for m in manifest.migrations if m not in known and m.partition(".")[0] in ours)
    if later:
        raise NoBackup(
            f"This backup was made by a later version: migration {later[-1]} is unknown here."
        )


def keys_of(folder: Path) -> bytes:
    """The keys that are in a backup, as JSON. Raises NoBackup where there are none."""
    manifest, identities = readable(folder)
    name = manifest.file_of(KEYS)
    if not name:
        raise NoBackup("There are no keys in this backup.")
    with opened(folder / name, identities) as source:
        return source.read()


def _load(manifest: Manifest, folder: Path, identities: Sequence[Identity] | None) -> None:
    for alias in connections:
        connections[alias].close()
    with one_transaction() as sql:
        with opened(folder / manifest.file_of(DATABASE), identities) as source:
            write_dump(source, sql)
        sql.write(PAUSE.format(made_at=manifest.made_at.isoformat()).encode())
    ask_anew()
    move_events_into_the_past()


def _differences(manifest: Manifest) -> list[str]:
    found = counted()
    found["erp_effectspause"] = found.get("erp_effectspause", 1) - 1  # the pause just made
    return [
        f"{table} has {found.get(table)} rows; the backup had {count}."
        for table, count in manifest.tables.items()
        if found.get(table) != count
    ]


def _pause_unless_paused(manifest: Manifest) -> None:
    """Pause what was made by a version that had no pause yet, now that migrations have brought it."""
    with connections[owner_alias()].cursor() as cursor:
        cursor.execute(
            "INSERT INTO erp_effectspause (at, restored_of) SELECT now(), %s WHERE NOT EXISTS"
            " (SELECT FROM erp_effectspause WHERE resumed_at IS NULL)",
            [manifest.made_at],
        )
