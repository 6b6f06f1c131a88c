"""What is in the database: so that what was refused can be shown to have changed nothing."""

from functools import lru_cache

from django.db import connection

# Rows that a refused call may leave, with the reason.
MAY_CHANGE = {
    "erp_securityevent": "what is denied is written down",
    "django_session": "who failed to sign in has a session too",
}


@lru_cache(maxsize=1)
def _statement() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
            " AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"
        )
        tables = [name for (name,) in cursor.fetchall() if name not in MAY_CHANGE]
    return " UNION ALL ".join(
        f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)"
        f' FROM "{name}" t'
        for name in tables
    )


def fingerprint() -> dict[str, tuple[int, int]]:
    """(number of rows, sum of their hashes) by table."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())
        return {name: (rows, int(hashes)) for name, rows, hashes in cursor.fetchall()}


def changed(before: dict[str, tuple[int, int]]) -> list[str]:
    """The tables that are no longer as they were."""
    now = fingerprint()
    return [
        f"{name} {before[name][0]} → {now[name][0]}" for name in now if now[name] != before[name]
    ]
