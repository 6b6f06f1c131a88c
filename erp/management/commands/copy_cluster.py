"""Runs `manage.py copy_cluster`: what a point in time is restored from, together with PostgreSQL's kept log."""

import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from erp.backups.copies import forget_old_copies
from erp.backups.point_in_time import NotRecovered, copy_cluster
from erp.backups.priority import GivesWay


class Command(GivesWay):
    help = "Copy PostgreSQL's whole cluster into WAL_ARCHIVE_DIR, verified (pg_basebackup)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--connection",
            metavar="DSN",
            default=os.environ.get("REPLICATION_DSN", ""),
            help="of a role with REPLICATION; default: REPLICATION_DSN, or that of the embedded PostgreSQL",
        )

        parser.add_argument(
            "--forget",
            action="store_true",
            help="then delete older copies but BACKUP_KEEP_COPIES, and the log that none left needs",
        )

    def handle(self, *, connection: str, forget: bool, **_options: object) -> None:
        named = settings.WAL_ARCHIVE_DIR
        if not named:
            raise CommandError(
                "Set WAL_ARCHIVE_DIR: without the log a copy reaches no other moment."
            )
        try:
            folder = copy_cluster(
                Path(named).resolve(), connection or _embedded(), now=timezone.now()
            )
        except (NotRecovered, OSError) as failure:
            raise CommandError(f"The cluster was not copied. {failure}") from failure
        size = sum(path.stat().st_size for path in folder.iterdir())
        self.stdout.write(f"{folder}: {size / 1e6:.1f} MB, verified.")
        if forget:
            gone = forget_old_copies(Path(named).resolve(), keep=settings.BACKUP_KEEP_COPIES)
            self.stdout.write(f"{len(gone)} copies and segments are no longer kept.")


def _embedded() -> str:
    return (
        f"user=postgres dbname=postgres host={connection.get_connection_params().get('host', '')}"
    )
