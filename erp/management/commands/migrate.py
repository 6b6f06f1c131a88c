"""Migrates as the owner, then installs the functions, triggers and grants of `*/sql/`."""

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.migrations.loader import MigrationLoader

APPS = ("erp", "inventory", "orders", "fulfillment", "returns")  # in ladder order
TOO_OLD = (
    "This database was made before the first release ({names}), and cannot be brought up to date."
    " Nothing in it was changed: keep it for the version that made it, and start this one on an empty database."
)


class Command(Migrate):
    """As Django's, with `--database owner` where an owner is configured."""

    def handle(self, *, database: str, **options: object) -> None:
        if database == "default" and "owner" in connections:
            database = "owner"
        refuse_unknown_past(database)
        super().handle(database=database, **options)
        if not options.get("plan") and not options.get("check_unapplied"):
            install_functions(database)


def refuse_unknown_past(alias: str) -> None:
    """Raise CommandError where migrations of ours were applied that are not among today's files.

    The 59 migrations of the time before the first release became one for each app: their names are
    gone, and Django would take the first of them for ours and go on with tables that are not there.
    """
    loader = MigrationLoader(connections[alias])
    ours = {key for key in loader.applied_migrations if key[0] in APPS}
    if unknown := sorted(ours - set(loader.disk_migrations)):
        names = ", ".join(f"{app}.{name}" for app, name in unknown[:3])
        raise CommandError(TOO_OLD.format(names=names + (", …" if unknown[3:] else "")))


def install_functions(alias: str) -> None:
    """Create or replace what the apps' `sql_files` hold; running it again changes nothing.

    Functions and triggers first, in ladder order; then the guards that name every app's tables,
    then the rights of the application's role.
    """
    application = str(settings.DATABASES["default"]["USER"])
    owner = settings.DATABASES[alias]["USER"]
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('fulfillment_trackingevent'), to_regclass('inventory_suggestion')"
        )
        if None in (cursor.fetchone() or (None,)):
            return  # migrated part of the way only
        cursor.execute("SET client_min_messages = warning")
        for name in sql_files():
            cursor.execute((settings.BASE_DIR / name).read_text().replace("%", "%%"), [])
        if application != owner:
            text = (settings.BASE_DIR / "erp/sql/grants.sql").read_text()
            cursor.execute(text % {"app": connections[alias].ops.quote_name(application)})


def sql_files() -> list[str]:
    """The files that each app lists in its configuration, and at last the guards over all of them."""
    listed = [
        f"{label}/{name}"
        for label in APPS
        for name in getattr(apps.get_app_config(label), "sql_files", ())
    ]
    return [*listed, "erp/sql/guards.sql"]
