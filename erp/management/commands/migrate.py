"""Django's migrate, as the owner, followed by the functions, triggers and grants of `*/sql/`."""

from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

# In ladder order: functions first, then the guards that name every app's tables, then rights.
FILES = (
    "erp/sql/actors.sql",
    "erp/sql/once.sql",
    "erp/sql/events.sql",
    "inventory/stock/sql/costs.sql",
    "inventory/stock/sql/levels.sql",
    "inventory/stock/sql/split.sql",
    "inventory/stock/sql/carts.sql",
    "orders/placement/sql/place.sql",
    "orders/order/sql/derive.sql",
    "erp/sql/guards.sql",
)


class Command(Migrate):
    """As Django's, with `--database owner` where an owner is configured."""

    def handle(self, *, database: str, **options: object) -> None:
        if database == "default" and "owner" in connections:
            database = "owner"
        super().handle(database=database, **options)
        if not options.get("plan") and not options.get("check_unapplied"):
            install_functions(database)


def install_functions(alias: str) -> None:
    """Create or replace what `*/sql/` holds; running it again changes nothing."""
    application = str(settings.DATABASES["default"]["USER"])
    owner = settings.DATABASES[alias]["USER"]
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('fulfillment_trackingevent'), to_regclass('inventory_suggestion')"
        )
        if None in (cursor.fetchone() or (None,)):
            return  # migrated part of the way only
        cursor.execute("SET client_min_messages = warning")
        for name in FILES:
            cursor.execute((settings.BASE_DIR / name).read_text().replace("%", "%%"), [])
        if application != owner:
            text = (settings.BASE_DIR / "erp/sql/grants.sql").read_text()
            cursor.execute(text % {"app": connections[alias].ops.quote_name(application)})
