"""Runs `manage.py erase_again`: erases everybody whom the register names, after a recovery that knew them still."""

from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp.backups.actions import note_erased_again
from erp.once import perform
from erp.privacy.register import erase_again, places, read_register, write_register


class Command(BaseCommand):
    help = "Erase everybody again whom the register of erasures names. Run it after a recovery to a point in time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--register",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="a further file of the register, such as that of the lost machine",
        )

    def handle(self, *, register: list[Path], **_options: object) -> None:
        files = [path for path in (*places(), *register) if path.exists()]
        for missing in {*register} - {*files}:
            raise CommandError(f"There is no file {missing}.")
        entries = read_register(files)
        erased = erase_again(entries, made_at=datetime.min.replace(tzinfo=UTC))
        perform(note_erased_again, now=timezone.now())
        write_register()
        self.stdout.write(f"{erased} people erased again.")
        if not files:
            self.stdout.write(
                "No register was found. If anybody was ever erased, name it by --register FILE."
            )
