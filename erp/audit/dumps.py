"""Dumps and loads the whole database with PostgreSQL's own tools."""

import subprocess
from pathlib import Path

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper

from erp.embedded.engines import installed_program

ROWS_THAT_COME_AND_GO = {"django_session", "erp_heartbeat", "erp_eventdelivery", "erp_once"}


def counted() -> dict[str, int]:
    """Count rows by table, for what a backup must bring back exactly."""
    with connection.cursor() as cursor:
        return _counted(cursor)


def _counted(cursor: CursorWrapper) -> dict[str, int]:
    names = sorted(set(connection.introspection.table_names(cursor)) - ROWS_THAT_COME_AND_GO)
    counts = {}
    for name in names:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
        counts[name] = cursor.fetchone()[0]
    return counts


def dump(file: Path) -> dict[str, int]:
    """Write the database, compressed, as one consistent snapshot; return the rows by table that are in it.

    They are counted in the same snapshot: orders that came between a count and the dump made a backup that its own
    manifest contradicted.
    """
    owner = connections["owner" if "owner" in connections else "default"]
    with transaction.atomic(using=owner.alias, durable=True), owner.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={file}")
        return _counted(cursor)


def load(file: Path) -> None:
    """Replace everything in the database by a dump, all or nothing."""
    for alias in connections:
        connections[alias].close()
    name = str(_owner()["NAME"])
    _run(
        "pg_restore",
        "--clean",
        "--if-exists",
        "--single-transaction",
        "--no-comments",
        f"--dbname={name}",
        str(file),
        database=False,
    )
    _move_events_into_the_past()


def _move_events_into_the_past() -> None:
    """Put a dump's events before every transaction of this server, in the order they had.

    Their transaction numbers are another server's: this one may not have come to them yet, and
    readers would wait until it has. Endpoints move along, so that they go on where they were.
    """
    alias = "owner" if "owner" in connections else "default"
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'"
            " AND (table_name, column_name) IN (('erp_event', 'tx'), ('erp_webhookendpoint', 'last_tx'))"
        )
        if cursor.fetchone() != (2,):
            return  # a dump of before there were any; migrations number them later
        cursor.execute(
            "SELECT greatest((SELECT max(tx) FROM erp_event),"
            " (SELECT max(last_tx) FROM erp_webhookendpoint), -1) + 1"
        )
        (step,) = cursor.fetchone()
        cursor.execute("ALTER TABLE erp_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE erp_event SET tx = tx - %s", [step])
        cursor.execute("ALTER TABLE erp_event ENABLE TRIGGER USER")
        cursor.execute("UPDATE erp_webhookendpoint SET last_tx = last_tx - %s", [step])


def _owner() -> dict[str, object]:
    return dict(settings.DATABASES.get("owner") or settings.DATABASES["default"])


def _run(program: str, *arguments: str, database: bool = True) -> None:
    owner = _owner()
    options = dict(owner.get("OPTIONS") or {})  # type: ignore[call-overload]
    host = str(owner.get("HOST") or options.get("host") or "")
    command = [str(installed_program(program))]  # of the server's own version
    command += [f"--username={owner['USER']}"] + ([f"--host={host}"] if host else [])
    command += [f"--port={owner['PORT']}"] if owner.get("PORT") else []
    command += list(arguments) + ([str(owner["NAME"])] if database else [])
    environment = {"PGPASSWORD": str(owner.get("PASSWORD") or ""), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stderr[-2000:]}")
