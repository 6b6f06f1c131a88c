"""Runs `manage.py restore DIR`: loads a backup and checks the invariants on it."""

import hashlib
import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError

from erp.access.models import User
from erp.audit.dumps import counted, load
from erp.audit.proof import prove
from erp.events.models import Event


class Command(BaseCommand):
    help = "Restore a backup. Everything that is in the database now is replaced."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="the database is not empty: replace it"
        )

    def handle(self, *, directory: Path, replace: bool, **_options: object) -> None:
        try:
            manifest = json.loads((directory / "manifest.json").read_text())
        except (OSError, ValueError) as error:
            raise CommandError(f"{directory} holds no backup: {error}") from error
        file = directory / "database.dump"
        if hashlib.sha256(file.read_bytes()).hexdigest() != manifest["sha256"]:
            raise CommandError(
                "The dump is not the one its manifest describes: it was changed or cut off."
            )
        if not replace and self._is_used():
            raise CommandError("This database is in use. To replace all of it, add --replace.")
        load(file)
        missing = {
            table: (count, found)
            for table, count in manifest["tables"].items()
            if (found := counted().get(table)) != count
        }
        broken = [finding for finding in prove() if finding.breaches]
        for finding in broken:
            self.stderr.write(f"broken: {finding.law.text} {finding.rows}")
        self.stdout.write(f"Restored {len(manifest['tables'])} tables made {manifest['made_at']}.")
        if missing or broken:
            self.stderr.write(f"Differences from the manifest: {missing}")
            sys.exit(1)
        self.stdout.write("Every table has its rows, and every law holds.")

    def _is_used(self) -> bool:
        try:
            return User.objects.exists() or Event.objects.exists()
        except ProgrammingError:  # no tables yet
            return False
