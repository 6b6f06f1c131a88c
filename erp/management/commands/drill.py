"""Runs `manage.py drill [DIR]`: restores a backup where nobody works and proves it can be worked with."""

from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from erp.backups.night import drill_backup
from erp.backups.priority import GivesWay
from erp.backups.queries import newest_backup
from erp.backups.scratch import ending_in_order


class Command(GivesWay):
    help = "Restore the newest backup into a scratch database, effects paused, and prove it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, nargs="?", help="default: newest of BACKUP_DIR")

    def handle(self, *, directory: Path | None, **_options: object) -> None:
        folder = directory or newest_backup()
        if folder is None:
            raise CommandError("There is no backup: set BACKUP_DIR, or name a folder.")
        with ending_in_order():
            outcome = drill_backup(folder, now=timezone.now())
        if outcome.wrong:
            raise CommandError(f"The drill of {folder.name} failed. {outcome.wrong}")
        self.stdout.write(f"{folder.name}: {outcome.said}")
