"""Runs `manage.py backup [DIR]`: a dump, the files on disk and a manifest of them."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from erp.backups.night import NotMade, back_up, drill_backup, forget_expired, next_folder
from erp.backups.priority import GivesWay
from erp.backups.scratch import ending_in_order


class Command(GivesWay):
    help = "Write a backup into a folder, or a new one into BACKUP_DIR and delete what is no longer kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, nargs="?", help="default: one in BACKUP_DIR")
        parser.add_argument(
            "--with-keys", action="store_true", help="SECRET_KEY too; only where it is encrypted"
        )
        parser.add_argument(
            "--nightly", action="store_true", help="drill it afterwards; keys too where encrypted"
        )

    def handle(
        self, *, directory: Path | None, with_keys: bool, nightly: bool, **_options: object
    ) -> None:
        now = timezone.now()
        if directory is None and not settings.BACKUP_DIR:
            raise CommandError("Name a folder, or set BACKUP_DIR.")
        with ending_in_order():
            self._back_up(directory, with_keys=with_keys, nightly=nightly, now=now)

    def _back_up(
        self, directory: Path | None, *, with_keys: bool, nightly: bool, now: datetime
    ) -> None:
        folder = directory or next_folder(now)
        # A database is of no use without the key that its secrets are sealed with; nobody but the recipients reads it.
        with_keys = with_keys or (nightly and bool(settings.BACKUP_RECIPIENTS))
        try:
            manifest = back_up(folder, with_keys=with_keys, now=now)
        except NotMade as reason:
            raise CommandError(f"No backup was made. {reason}") from reason
        size = sum(part.size for part in manifest.parts.values())
        sealed = "encrypted" if manifest.is_sealed else "not encrypted"
        self.stdout.write(
            f"{folder}: {size / 1e6:.1f} MB, {len(manifest.tables)} tables, {sealed}."
        )
        if nightly:
            outcome = drill_backup(folder, now=timezone.now())
            if outcome.wrong:
                raise CommandError(f"The drill of {folder.name} failed. {outcome.wrong}")
            self.stdout.write(f"Drill: {outcome.said}")
        if directory is None:  # and only now: what was not drilled well replaces nothing
            for name in forget_expired(now):
                self.stdout.write(f"{name} is no longer kept and was deleted.")
