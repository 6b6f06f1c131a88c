"""Gives a management command its database: the one named, the running one, or a temporary one."""

import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from erp.embedded.engines import Engines
from erp.environment import names_a_database

# Commands that read no row; starting servers for them would only cost seconds.
WITHOUT_DATABASE = {
    "makemigrations",
    "collectstatic",
    "spectacular",
    "check",
    "help",
    "version",
    "topics",
    "compile_translations",
    "openapi",
    "recover",
}


def data_directory() -> Path:
    """The folder of the embedded servers: ERP_DATA_DIR, else `.data/` beside manage.py."""
    named = os.environ.get("ERP_DATA_DIR")
    return Path(named) if named else Path(__file__).resolve().parents[2] / ".data"


def archive_directory() -> Path | None:
    """The folder that PostgreSQL's log is kept in for restoring a point in time: WAL_ARCHIVE_DIR."""
    named = os.environ.get("WAL_ARCHIVE_DIR")
    return Path(named).resolve() if named else None


@contextmanager
def attached(argv: Sequence[str]) -> Iterator[None]:
    """Run the body with DATABASE_URL, REDIS_URL and SECRET_KEY in the environment."""
    command = argv[0] if argv else "help"
    if names_a_database():
        yield
        return
    if command in WITHOUT_DATABASE:
        os.environ.setdefault("DATABASE_URL", "postgres://nobody@/nothing?host=/nonexistent")
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
        yield
        return
    engines = Engines(data_directory(), archive=archive_directory())
    engines.refuse_old_data()
    started = not engines.are_running()
    if started:
        sys.stderr.write(f"Starting the engines of {engines.directory} for this command.\n")
        engines.start()
    try:
        os.environ.update(engines.environment())
        yield
    finally:
        if started:
            engines.stop()
