"""Runs `manage.py erase_again`: erases everybody whom the register names, after a recovery that knew them still."""

from datetime import UTC, datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

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
        entries = read_register([*places(), *register])
        erased = erase_again(entries, made_at=datetime.min.replace(tzinfo=UTC))
        write_register()
        self.stdout.write(f"{erased} people erased again.")
