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
        "sql/privacy.sql",
    )

    def ready(self) -> None:
        from django.core.signals import request_started

        import erp.celery  # shared tasks bind to the current application
        import erp.logs.tasks
        import erp.security.sign_in  # noqa: F401  what signing in tells is written down
        from erp.lost_connections import close_lost_connections

        request_started.connect(close_lost_connections, dispatch_uid="lost_connections")
