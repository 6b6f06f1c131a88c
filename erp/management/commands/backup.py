"""Runs `manage.py backup DIR`: a compressed dump with a manifest of its contents."""

import hashlib
import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp.audit.dumps import dump


class Command(BaseCommand):
    help = "Write a backup of the database into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)

    def handle(self, *, directory: Path, **_options: object) -> None:
        if (directory / "manifest.json").exists():
            raise CommandError(f"{directory} already holds a backup; choose another folder.")
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / "database.dump"
        tables = dump(file)
        manifest = {
            "made_at": timezone.now().isoformat(),
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "tables": tables,
        }
        (directory / "manifest.json").write_text(json.dumps(manifest, indent=1))
        self.stdout.write(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {len(tables)} tables.")
