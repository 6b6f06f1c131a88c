"""Runs `manage.py recover --to TIME --into DIR`: the whole cluster as it was at a moment."""

import os
from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from erp.backups.point_in_time import NotRecovered, recover


class Command(BaseCommand):
    help = "Restore the cluster as it was at a moment into a new data folder, effects paused."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", required=True, metavar="TIME", help="2026-11-29T14:05:00+08:00")
        parser.add_argument("--into", required=True, type=Path, metavar="DIR")

    def handle(self, *, to: str, into: Path, **_options: object) -> None:
        named = os.environ.get("WAL_ARCHIVE_DIR")
        if not named:
            raise CommandError("Set WAL_ARCHIVE_DIR to the folder that the log was kept in.")
        try:
            moment = datetime.fromisoformat(to)
        except ValueError as error:
            raise CommandError(f"{to} is no time; write 2026-11-29T14:05:00+08:00.") from error
        if moment.tzinfo is None:
            raise CommandError("Say the time zone: 2026-11-29T14:05:00+08:00, or end with Z.")
        try:
            outcome = recover(Path(named).resolve(), into.resolve(), moment=moment)
        except NotRecovered as reason:
            raise CommandError(f"Nothing was restored. {reason}") from reason
        self.stdout.write(
            f"{into}: as it was at {to}, from the copy {outcome.base}, in {outcome.seconds:.1f} s.\n"
            f"Effects are paused. Start it with: manage.py up --data {into}\n"
            "Whoever was erased after that moment is known in it again. Before resume_effects, run there:\n"
            "  manage.py erase_again --register FILE  (erasures.json, beside the backups and in the former data folder)"
        )
