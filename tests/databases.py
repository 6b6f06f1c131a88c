"""Makes the database of each test process: the first one migrates, the others have a copy of what it made."""

import os
from collections.abc import Callable
from typing import Any

WHOLE = "test_whole"
MAKING = 730_501  # the number of the lock under which it is made


def make_database(name: str, cursor: Any, migrate: Callable[[str], None]) -> None:
    """Make an empty database with every table, in place of one that may be there.

    cursor    the owner's, of a connection that commits itself, to another database
    migrate   brings the database that it is given the name of to the newest migration, and leaves it

    To migrate takes some 40 seconds of one core, to copy one.
    """
    cursor.execute(f"DROP DATABASE IF EXISTS {name}")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    if not run:
        cursor.execute(f"CREATE DATABASE {name}")
        migrate(name)
        return
    cursor.execute("SET lock_timeout = 0")
    cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING])
    try:
        if _made_by(cursor) != run:
            cursor.execute(f"DROP DATABASE IF EXISTS {WHOLE}")
            cursor.execute(f"CREATE DATABASE {WHOLE}")
            migrate(WHOLE)
            cursor.execute(f"COMMENT ON DATABASE {WHOLE} IS %s", [run])
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {WHOLE}")
    finally:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [MAKING])


def _made_by(cursor: Any) -> str:
    """Which run of the tests has made the whole database; "" where none has."""
    cursor.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [WHOLE]
    )
    row = cursor.fetchone()
    return (row[0] or "") if row else ""
