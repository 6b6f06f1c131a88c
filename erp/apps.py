"""Registers the ground floor and makes the Celery application the default one."""

from django.apps import AppConfig


class ErpConfig(AppConfig):
    name = "erp"
    sql_files = (
        "sql/triggers.sql",
        "sql/actors.sql",
        "sql/once.sql",
        "sql/events.sql",
        "sql/zones.sql",
    )

    def ready(self) -> None:
        import erp.celery  # noqa: F401  shared tasks bind to the current application
