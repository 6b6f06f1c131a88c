"""Dumps and loads the whole database with PostgreSQL's own tools."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper

from erp.embedded.engines import installed_program

ROWS_THAT_COME_AND_GO = {"django_session", "erp_heartbeat", "erp_eventdelivery", "erp_once"}
BLOCK = 1 << 20
TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey")


class ToolFailed(Exception):
    """One of PostgreSQL's tools gave up; the message holds the end of what it said."""


@dataclass(frozen=True)
class Snapshot:
    """One moment of the database, which a dump is made of: its name, and what is in it.

    tables       rows by table, but of those that come and go
    migrations   "app.name" of every one that was applied
    """

    name: str
    tables: dict[str, int]
    migrations: list[str]


def owner_alias() -> str:
    """The connection of the role that owns the tables."""
    return "owner" if "owner" in connections else "default"


def refuse_who_does_not_own() -> None:
    """Raise ToolFailed where this role could not put others' tables in the place of those that are there."""
    with connections[owner_alias()].cursor() as cursor:
        cursor.execute(
            "SELECT current_user, has_schema_privilege('public', 'CREATE') AND NOT EXISTS (SELECT FROM pg_tables"
            " WHERE schemaname = 'public' AND NOT pg_has_role(tableowner, 'USAGE'))"
        )
        role, may = cursor.fetchone()
    if not may:
        raise ToolFailed(
            f"The role {role} does not own the tables. Run this where DATABASE_OWNER_PASSWORD (or DATABASE_OWNER_URL)"
            " is set; with compose: docker compose run --rm owner python manage.py restore /backups/NAME --replace"
        )


def counted() -> dict[str, int]:
    """Count rows by table, for what a backup must bring back exactly."""
    with connections[owner_alias()].cursor() as cursor:
        return _counted(cursor)


def _counted(cursor: CursorWrapper) -> dict[str, int]:
    names = sorted(set(connection.introspection.table_names(cursor)) - ROWS_THAT_COME_AND_GO)
    counts = {}
    for name in names:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
        counts[name] = cursor.fetchone()[0]
    return counts


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Hold one moment of the database for a dump, and say what is in it.

    What is counted is of the same moment: orders that came between a count and the dump made a backup that its own
    manifest contradicted.
    """
    owner = connections[owner_alias()]
    with transaction.atomic(using=owner.alias, durable=True), owner.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # the dump takes longer
        cursor.execute("SELECT pg_export_snapshot()")
        (name,) = cursor.fetchone()
        tables = _counted(cursor)
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")
        yield Snapshot(name, tables, [row for (row,) in cursor.fetchall()])


@contextmanager
def dumped(moment: Snapshot) -> Iterator[IO[bytes]]:
    """Read the compressed dump of a snapshot. Raises ToolFailed at its end, where it is not whole."""
    command = _tool("pg_dump", "--format=custom", "--lock-wait-timeout=60s")
    command += [f"--snapshot={moment.name}", str(_owner()["NAME"])]
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, env=_environment()
        ) as process:
            assert process.stdout is not None
            try:
                yield process.stdout
            except BaseException:
                process.kill()
                raise
        _check("pg_dump", process.returncode, said)


# What a role was granted of the whole server goes as well, if only for a moment: another restore there at the same time
# fails with "tuple concurrently updated" (XX000) as soon as this one is through.
DROP_ALL = b"""
DO $$ BEGIN
    FOR tried IN 1..5 LOOP
        BEGIN
            DROP OWNED BY CURRENT_USER CASCADE;
            EXIT;
        EXCEPTION WHEN internal_error THEN
            IF tried = 5 THEN RAISE; END IF;
        END;
    END LOOP;
END $$;
"""


@contextmanager
def one_transaction() -> Iterator[IO[bytes]]:
    """Take SQL that is carried out all or not at all: committed where the body ends well.

    Raises ToolFailed.
    """
    command = _tool("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
    command += [f"--dbname={_owner()['NAME']}"]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=_environment(),
        ) as process,
    ):
        assert process.stdin is not None
        try:
            process.stdin.write(b"BEGIN;\nSET LOCAL lock_timeout = '60s';\n")
            yield process.stdin
            process.stdin.write(b"COMMIT;\n")
            process.stdin.close()
        except BrokenPipeError:  # it has given up, and says why
            process.stdin = None
            _check("psql", process.wait() or 1, said)
        except BaseException:
            process.kill()  # before it sees an end: nothing is committed
            process.stdin = None
            raise
        _check("psql", process.wait(), said)


def write_dump(source: IO[bytes], into: IO[bytes]) -> None:
    """Write the SQL that brings a dump back in place of all that is there. Raises ToolFailed.

    Whatever the owner has in this database goes first: tables that a later version made would stand in the way of
    the migrations that make them.
    """
    options = ["--no-owner", "--no-privileges", "--no-comments", "--file=-"]
    if _is_superuser():  # which owns what PostgreSQL itself needs
        options += ["--clean", "--if-exists"]
    else:
        into.write(DROP_ALL)
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            [*_command("pg_restore"), *options],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=said,
            env=_environment(),
        ) as process:
            assert process.stdout is not None
            try:
                while block := process.stdout.read(BLOCK):
                    into.write(block)
            except BaseException:
                process.kill()
                raise
        _check("pg_restore", process.returncode, said)
    into.write(b"RESET ALL;\n")  # a dump empties the search path, among others


def analyse() -> None:
    """Have PostgreSQL know how many rows there are: after a load it plans as if there were none.

    A law over forty thousand orders took minutes without it.
    """
    with connections[owner_alias()].cursor() as cursor:
        cursor.execute("ANALYZE")


def move_events_into_the_past() -> None:
    """Put a dump's events before every transaction of this server, in the order they had.

    Their transaction numbers are another server's: this one may not have come to them yet, and
    readers would wait until it has. Endpoints move along, so that they go on where they were.
    """
    alias = owner_alias()
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


def _is_superuser() -> bool:
    with connections[owner_alias()].cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def _owner() -> dict[str, Any]:
    return dict(settings.DATABASES.get("owner") or settings.DATABASES["default"])


def _options(owner: Mapping[str, Any]) -> dict[str, Any]:
    """How a database is connected to, beyond its name."""
    return dict(owner.get("OPTIONS") or {})


def _command(program: str) -> list[str]:
    if settings.PG_BIN_DIR:
        return [f"{settings.PG_BIN_DIR}/{program}"]
    return [str(installed_program(program))]  # of the server's own version


def _tool(program: str, *arguments: str) -> list[str]:
    owner = _owner()
    options = _options(owner)
    host = str(owner.get("HOST") or options.get("host") or "")
    command = [*_command(program), f"--username={owner['USER']}"]
    command += [f"--host={host}"] if host else []
    command += [f"--port={owner['PORT']}"] if owner.get("PORT") else []
    return command + list(arguments)


def _environment() -> dict[str, str]:
    owner = _owner()
    options = _options(owner)
    secured = {f"PG{name.upper()}": str(options[name]) for name in TLS if name in options}
    return secured | {
        "PGPASSWORD": str(owner.get("PASSWORD") or ""),
        "LC_ALL": "C.UTF-8",
        "PGTZ": "UTC",
        "PATH": os.environ.get("PATH", ""),
    }


def _check(program: str, code: int, said: IO[bytes]) -> None:
    if code:
        said.seek(0)
        text = said.read()[-2000:].decode("utf-8", "replace")
        raise ToolFailed(f"{program}: {text.strip()}")
