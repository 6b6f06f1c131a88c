"""Checks every invariant by running its query and counting the violations."""

import time
from dataclasses import dataclass

from django.db import connection, transaction

from erp.audit.laws import Law
from erp.wiring import LAWS, resolve

SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """One invariant's result: `breaches` is 0 when it holds; `rows` are the first violations."""

    law: Law
    breaches: int
    rows: list[dict[str, object]]
    seconds: float


def all_laws() -> list[Law]:
    """Return every invariant of every app, in ladder order."""
    return [law for name in LAWS for law in resolve(name).LAWS]


def prove() -> list[Finding]:
    """Check every invariant against one snapshot of the database."""
    return [_prove(law) for law in all_laws()]


def prove_at_once() -> list[Finding]:
    """Check every invariant against one snapshot: work that goes on meanwhile cannot look like a violation."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            # Sums over whole ledgers: in memory, and no time on compiling them.
            cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        return prove()


def _prove(law: Law) -> Finding:
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({law.sql}) breach")
        breaches = cursor.fetchone()[0]
        rows: list[dict[str, object]] = []
        if breaches:
            cursor.execute(f"SELECT * FROM ({law.sql}) breach LIMIT {SHOWN}")
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return Finding(law, breaches, rows, time.monotonic() - began)
