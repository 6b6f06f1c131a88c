"""Migrates as the owner, then installs the functions, triggers and grants of `*/sql/`."""

from collections.abc import Callable
from functools import partial

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader

from erp.schema import in_short_waits, only_migrator

APPS = ("erp", "inventory", "orders", "fulfillment", "returns")  # in ladder order
TOO_OLD = (
    "This database was made before the first release ({names}), and cannot be brought up to date."
    " Nothing in it was changed: keep it for the version that made it, and start this one on an empty database."
)


LATER = "The tables are of a later version ({names}): they stay as they are, and this one's functions are installed."


class Command(Migrate):
    """As Django's, with `--database owner` where an owner is configured, beside people who work."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--patience",
            type=float,
            default=600,
            metavar="SECONDS",
            help="how long to wait for another migrator, and for locks of others (default: 600)",
        )

    def handle(self, *, database: str, patience: float = 600, **options: object) -> None:
        if database == "default" and "owner" in connections:
            database = "owner"
        if options.get("plan") or options.get("check_unapplied"):
            super().handle(database=database, **options)
            return
        say = self.stderr.write
        with only_migrator(database, patience_s=patience, say=say) as guard:

            def carefully(work: Callable[[], object]) -> None:
                in_short_waits(database, work, guard=guard, patience_s=patience, say=say)

            if later := unknown_future(database):
                say(LATER.format(names=_named(later)))
            else:
                refuse_unknown_past(database)
                carefully(partial(super().handle, database=database, **options))
            for script in scripts(database):
                carefully(partial(run, database, script))


def unknown_future(alias: str) -> list[tuple[str, str]]:
    """Migrations of a later version: all of ours were applied, and those after them.

    Nothing that this version uses is taken away by the version after it (tests/architecture/test_migrations.py).
    """
    loader = MigrationLoader(connections[alias])
    ours = {key for key in loader.disk_migrations if key[0] in APPS}
    applied = {key for key in loader.applied_migrations if key[0] in APPS}
    return sorted(applied - ours) if ours < applied else []


def refuse_unknown_past(alias: str) -> None:
    """Raise CommandError where migrations of ours were applied that are not among today's files.

    The 59 migrations of the time before the first release became one for each app: their names are
    gone, and Django would take the first of them for ours and go on with tables that are not there.
    """
    loader = MigrationLoader(connections[alias])
    ours = {key for key in loader.applied_migrations if key[0] in APPS}
    if unknown := sorted(ours - set(loader.disk_migrations)):
        raise CommandError(TOO_OLD.format(names=_named(unknown)))


def _named(migrations: list[tuple[str, str]]) -> str:
    names = ", ".join(f"{app}.{name}" for app, name in migrations[:3])
    return names + (", …" if migrations[3:] else "")


def scripts(alias: str) -> list[str]:
    """The SQL that creates or replaces what the apps' `sql_files` hold; running it again changes nothing.

    Functions and triggers first, in ladder order; then the guards that name every app's tables,
    then the rights of the application's role. Nothing where the tables are there in part only.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('fulfillment_trackingevent'), to_regclass('inventory_suggestion')"
        )
        if None in (cursor.fetchone() or (None,)):
            return []  # migrated part of the way only
    texts = [(settings.BASE_DIR / name).read_text().replace("%", "%%") for name in sql_files()]
    application = str(settings.DATABASES["default"]["USER"])
    if application != settings.DATABASES[alias]["USER"]:
        grants = (settings.BASE_DIR / "erp/sql/grants.sql").read_text()
        texts.append(grants % {"app": connections[alias].ops.quote_name(application)})
    return texts


def run(alias: str, script: str) -> None:
    """Run a script of several statements as one transaction."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SET LOCAL client_min_messages = warning")
        cursor.execute(script, [])


def sql_files() -> list[str]:
    """The files that each app lists in its configuration, and at last the guards over all of them."""
    listed = [
        f"{label}/{name}"
        for label in APPS
        for name in getattr(apps.get_app_config(label), "sql_files", ())
    ]
    return [*listed, "erp/sql/guards.sql"]
