"""Lends a drill a database that it may fill, and that is gone afterwards."""

import contextlib
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

from erp.backups.dumps import TLS
from erp.embedded.engines import DATABASE, OWNER_ROLE, Engines

PREFIX = "throughline-drill-"
LEFT_OVER_S = 24 * 3600
# What a process of the scratch copy is told of this one's surroundings: nothing that leads outside.
# Without PG_BIN_DIR it took the tools that come along, which know no TLS and are older than some dumps.
HANDED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "HOME",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "PG_BIN_DIR",
    "PGSSLROOTCERT",
)


@contextlib.contextmanager
def ending_in_order() -> Iterator[None]:
    """Let SIGTERM end the body as an exception does: what it was about to leave behind is cleared away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_given: sys.exit(143))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def clear_left_overs() -> None:
    """Delete what drills left behind that were killed outright more than a day ago."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > LEFT_OVER_S:
                Engines(folder / "engines").remove()
                shutil.rmtree(folder)


@contextlib.contextmanager
def scratch(server: str) -> Iterator[dict[str, str]]:
    """Give the environment of a process that works on an empty database of its own.

    server   the URL of a server where a database may be created; "": an instance of our own
    """
    clear_left_overs()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        environment = {name: os.environ[name] for name in HANDED_ON if name in os.environ} | {
            "DJANGO_SETTINGS_MODULE": "erp.settings",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ERP_DATA_DIR": folder,
            "REDIS_URL": f"unix://{folder}/none.sock?db=0",
            "PUBLIC_BASE_URL": "http://127.0.0.1",
        }
        with _on_a_server(server) if server else _own_instance(Path(folder)) as url:
            yield environment | {"DATABASE_URL": url, "DATABASE_OWNER_URL": ""}


@contextlib.contextmanager
def _own_instance(folder: Path) -> Iterator[str]:
    """A PostgreSQL whose data is in the folder; what is lost when the machine fails is no loss."""
    folder.chmod(0o711)
    engines = Engines(folder / "engines", durable=False)
    try:
        engines.start_database()
        yield f"postgres://{OWNER_ROLE}@/{DATABASE}?host={engines.sockets}"
    finally:
        engines.stop()
        engines.remove()


@contextlib.contextmanager
def _on_a_server(url: str) -> Iterator[str]:
    """A new database on somebody's server, dropped afterwards."""
    name = f"drill_{secrets.token_hex(6)}"
    parts = urlsplit(url)
    _say(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        _say(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _say(url: str, statement: sql.Composable) -> None:
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    connection = psycopg2.connect(
        dbname=unquote(parts.path.lstrip("/")) or "postgres",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=parts.hostname or unquote(query.get("host", "")),
        port=parts.port or 5432,
        connect_timeout=5,
        **{name: unquote(query[name]) for name in TLS if name in query},
    )
    try:
        connection.autocommit = True  # a database is made outside any transaction
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
