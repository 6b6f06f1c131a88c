"""Runs `manage.py restore DIR`: loads a backup, effects paused, and checks the invariants on it."""

import os
import sys
from pathlib import Path

import msgspec
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from erp.access.models import User
from erp.backups.drill import Report
from erp.backups.dumps import ToolFailed
from erp.backups.files import holds_files
from erp.backups.manifest import NoBackup
from erp.backups.restore import Restored, keys_of, restore
from erp.backups.seals import Unsealable
from erp.events.models import Event
from erp.once import perform
from erp.security.actions import record_security_event


class Command(BaseCommand):
    help = (
        "Restore a backup. Everything that is in the database now is replaced; effects are paused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="the database is not empty: replace it"
        )
        files = parser.add_mutually_exclusive_group()
        files.add_argument(
            "--replace-files",
            action="store_true",
            help="files are kept there already, in a bucket for one: replace those of the same name",
        )
        files.add_argument(
            "--without-files",
            action="store_true",
            help="leave the files that are kept there as they are",
        )
        parser.add_argument(
            "--keys-to",
            type=Path,
            metavar="FILE",
            help="write the backup's keys to a file; no more",
        )
        parser.add_argument("--json", action="store_true", help="say what came of it as JSON")

    def handle(
        self,
        *,
        directory: Path,
        replace: bool,
        replace_files: bool,
        without_files: bool,
        keys_to: Path | None,
        json: bool,
        **_options: object,
    ) -> None:
        try:
            if keys_to:
                _write_keys(keys_of(directory), keys_to)
                return
            if not replace and _is_used():
                raise CommandError("This database is in use. To replace all of it, add --replace.")
            if not (replace_files or without_files):
                _refuse_files_of_others(replace=replace)
            outcome = restore(directory, with_files=not without_files)
        except (NoBackup, Unsealable, ToolFailed, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        perform(
            record_security_event, kind="restored", facts={"tables": len(outcome.manifest.tables)}
        )
        if json:
            self.stdout.write(_report(outcome))
        else:
            self._say(outcome)
        if outcome.wrong:
            sys.exit(1)

    def _say(self, outcome: Restored) -> None:
        made = outcome.manifest.made_at
        self.stdout.write(
            f"Restored {len(outcome.manifest.tables)} tables and {outcome.files} files of {made:%Y-%m-%d %H:%M:%S %Z}."
        )
        if outcome.erased_again:
            self.stdout.write(
                f"Erased again, as the register of erasures says: {outcome.erased_again} people."
            )
        for line in outcome.wrong:
            self.stderr.write(line)
        if not outcome.wrong:
            self.stdout.write("Every table has its rows, and every law holds.")
        self.stdout.write(
            "Nothing is sent and nobody is asked until you run: manage.py resume_effects"
        )


def _report(outcome: Restored) -> str:
    tables = outcome.manifest.tables
    return msgspec.json.encode(
        Report(
            tables=len(tables),
            rows=sum(tables.values()),
            files=outcome.files,
            sample=outcome.sample,
            wrong=outcome.wrong,
        )
    ).decode()


def _write_keys(keys: bytes, path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(keys)


def _refuse_files_of_others(*, replace: bool) -> None:
    """Raise CommandError where files are kept that the database that is replaced may not be the one of.

    A bucket is shared: a copy that was restored beside its original, with the same environment but for its database,
    wrote a backup's files into the bucket that the original goes on with, those that were deleted since among them.
    """
    is_ours = replace and isinstance(default_storage, FileSystemStorage)
    if not is_ours and holds_files(default_storage):
        raise CommandError(
            "Files are kept there already, which may be another installation's (FILES_S3_BUCKET names a bucket,"
            " ERP_DATA_DIR a folder). To put the backup's in place of those of the same name, add --replace-files;"
            " to leave them as they are, --without-files; or name another bucket or folder."
        )


def _is_used() -> bool:
    try:
        return User.objects.exists() or Event.objects.exists()
    except DatabaseError:  # no tables yet
        return False
