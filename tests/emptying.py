"""Empties the test database between tests that commit: by deleting the rows that there are.

TRUNCATE of all tables takes a third of a second, and leaves the files of 1,200 relations to the next checkpoint. After
an hour of tests the database's size took longer to sum up than a scrape allows.
"""

from typing import Any

KEPT = ("django_migrations", "django_content_type", "auth_permission")
# Of tables that deleted rows keep large: from there on TRUNCATE is quicker for the next tests.
MOST_BYTES = 64 * 2**20


def allow_deletes(cursor: Any, owner: str) -> None:
    """Let the owner delete past foreign keys and triggers. The cursor is a superuser's."""
    cursor.execute(f"GRANT SET ON PARAMETER session_replication_role TO {owner}")


def empty(cursor: Any) -> None:
    """Delete every row and begin all numbers anew. The cursor is the owner's, of a connection that commits itself."""
    cursor.execute("SELECT has_parameter_privilege('session_replication_role', 'SET')")
    if cursor.fetchone()[0] and _bytes(cursor) < MOST_BYTES:
        _delete(cursor)
    else:
        _truncate(cursor)


def _bytes(cursor: Any) -> int:
    cursor.execute(f"SELECT coalesce(sum(pg_relation_size(oid)), 0) FROM {_TABLES}")
    return int(cursor.fetchone()[0])


def _truncate(cursor: Any) -> None:
    # To the triggers of tables that are append-only.
    cursor.execute("SET throughline.emptying = 'on'")
    cursor.execute(f"SELECT string_agg(oid::regclass::text, ', ') FROM {_TABLES}")
    cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")


def _delete(cursor: Any) -> None:
    cursor.execute("BEGIN")
    cursor.execute("SET LOCAL session_replication_role = 'replica'")
    locked: list[str] = []
    while (tables := _tables_with_pages(cursor)) != locked:
        # As TRUNCATE does: a thread of the last test that still writes is waited for, and what it wrote goes too.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        locked = tables
    cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables) or "SELECT")
    cursor.execute(  # numbers of rows, as RESTART IDENTITY does; those of orders go on
        "SELECT setval(seqrelid::regclass, seqstart, false)"
        f" FROM pg_sequence JOIN pg_depend ON objid = seqrelid JOIN {_TABLES} ON oid = refobjid"
        " WHERE classid = 'pg_class'::regclass AND deptype IN ('a', 'i')"
        " AND pg_sequence_last_value(seqrelid) IS NOT NULL"
    )
    cursor.execute("COMMIT")


def _tables_with_pages(cursor: Any) -> list[str]:
    cursor.execute(
        f"SELECT oid::regclass::text FROM {_TABLES} WHERE pg_relation_size(oid) > 0 ORDER BY oid"
    )
    return [name for (name,) in cursor.fetchall()]


_TABLES = (
    "(SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    f" AND relname NOT IN ({', '.join(repr(name) for name in KEPT)})) tables"
)
