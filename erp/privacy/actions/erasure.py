"""Erases a person, table by table, each in a transaction of its own; what was begun is resumed."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict
from erp.events.record import record_event
from erp.jobs.actions import begin_job
from erp.jobs.models import Job
from erp.privacy.declarations import (
    Fate,
    Of,
    Table,
    at_once,
    duties,
    locks,
    obstacles,
    tables,
)
from erp.privacy.models import Erasure
from erp.privacy.person import Found, find_person
from erp.privacy.queries import kept_by_law


@transaction.atomic(savepoint=False)
def begin_erasure(*, customer_id: int, by: Actor, now: datetime) -> Job:
    """Begin to erase a person: from now on nobody is recognised as them; a job goes through the tables.

    Raises Conflict, which names what is open, while orders are open or money is owed.
    """
    require(by, "customers.erase")
    person = find_person([customer_id])
    with connection.cursor() as cursor:
        for sql in locks():
            cursor.execute(sql, person)
    person = find_person([customer_id])  # as it is now that nobody else writes
    if Erasure.objects.filter(customers__contains=[customer_id]).exists():
        raise Conflict(_("This customer has been erased."))
    if found := open_matters(person):
        raise Conflict(
            _("Not yet, because of: %(open)s.")
            % {"open": "; ".join(f"{what}: {', '.join(names[:5])}" for what, names in found)}
        )
    erasure = Erasure(asked_at=now, by=by, kept=kept_by_law(person))
    erasure.customers, erasure.orders = person["customers"], person["orders"]
    erasure.contact_hashes = hashes_of(person, str(erasure.key))
    erasure.sought = person
    erasure.save()
    _do_at_once(person, now)
    record_event(
        "customer.erased",
        subject=f"customer:{customer_id}",
        channel_id=None,
        customer_ids=person["customers"],
    )
    return begin_job(
        kind="erasure",
        name=_("Erasure of customer %(number)s") % {"number": customer_id},
        asked={"erasure": erasure.pk},
        total=len(erasable()),
        by=by,
        now=now,
    )


def _do_at_once(person: Found, now: datetime) -> None:
    with connection.cursor() as cursor:
        for sql in (*(duty.keep for duty in duties()), *at_once()):
            cursor.execute(sql, {**person, "now": now})


@transaction.atomic(savepoint=False)
def begin_again(
    *, key: str, customers: Sequence[int], asked_at: datetime, by: Actor, now: datetime
) -> Erasure:
    """Begin an erasure anew that a restored backup knows nothing of, or has not finished.

    What is open of the person is no reason to wait: it was not, when they were erased.
    """
    erasure = Erasure.objects.select_for_update().filter(key=key).first()
    person = find_person(customers)
    if erasure is None:
        erasure = Erasure(key=key, asked_at=asked_at, by=by)
    erasure.customers, erasure.orders = list(customers), person["orders"]
    erasure.contact_hashes = hashes_of(person, key)
    erasure.kept = kept_by_law(person)
    erasure.status, erasure.done_at = Erasure.Status.RUNNING, None
    erasure.counts, erasure.sought = {}, person
    erasure.save()
    _do_at_once(person, now)
    return erasure


def open_matters(person: Found) -> list[tuple[str, list[str]]]:
    """What an erasure waits for: (what, its names)."""
    found = []
    with connection.cursor() as cursor:
        for obstacle in obstacles():
            cursor.execute(obstacle.sql, person)
            if names := [str(name) for (name,) in cursor.fetchall()]:
                found.append((str(obstacle.what), names))
    return found


def hashes_of(person: Found, key: str) -> list[str]:
    """The person's contacts as the register has them: whoever is asked about can be looked for, nobody be read."""
    contacts = [*person["emails"], *person["phones"]]
    return sorted({hashlib.sha256(f"{key}{c}".encode()).hexdigest() for c in contacts})


def erasable() -> list[Table]:
    """The tables that an erasure goes through, in order."""
    return [t for t in tables() if t.of == Of.CUSTOMER and t.whose and t.fate != Fate.KEEP]


def next_table(erasure: Erasure) -> Table | None:
    """The first table that an erasure has not been through."""
    return next((t for t in erasable() if t.model not in erasure.counts), None)


@transaction.atomic(savepoint=False)
def erase_table(*, erasure_id: int, model: str, now: datetime) -> int:
    """Erase a person from one table, once; return how many rows that were."""
    erasure = Erasure.objects.select_for_update().get(pk=erasure_id)
    if erasure.status != Erasure.Status.RUNNING or model in erasure.counts:
        return 0
    table = next(t for t in erasable() if t.model == model)
    changed = _erase(table, erasure, now)
    erasure.counts = {**erasure.counts, model: changed}
    erasure.save(update_fields=["counts"])
    return changed


def _erase(table: Table, erasure: Erasure, now: datetime) -> int:
    said: Mapping[str, Any] = {**erasure.sought, "now": now}
    with connection.cursor() as cursor:
        if table.fate == Fate.SCRUB:
            cursor.execute(
                f"SELECT erp_scrub(%(erasure)s, %(table)s,"
                f" ARRAY(SELECT t.id FROM {table.name} t WHERE {table.whose}), %(lowered)s, %(now)s)",
                {**said, "erasure": erasure.pk, "table": table.name},
            )
            return int((cursor.fetchone() or (0,))[0])
        if table.fate == Fate.DELETE:
            cursor.execute(f"DELETE FROM {table.name} t WHERE {table.whose}", said)
        else:
            cursor.execute(
                f"UPDATE {table.name} t SET {assignments(table)} WHERE {table.whose}", said
            )
        return int(cursor.rowcount)


def assignments(table: Table) -> str:
    """What an erasure writes into a table's personal columns: nothing of their kind, unless the table says what."""
    blank = {name: blank_of(table, name) for name in table.columns}
    return ", ".join(f'"{name}" = {value}' for name, value in {**blank, **table.sets}.items())


BLANKS = {"JSONField": "'{}'", "BinaryField": "''", "ArrayField": "'{}'"}


def blank_of(table: Table, name: str) -> str:
    """Nothing, as a column of its kind writes it."""
    column = table.column(name)
    if column.null:
        return "NULL"
    if column.get_internal_type() == "JSONField" and column.has_default():
        return "'[]'" if column.get_default() == [] else "'{}'"
    return BLANKS.get(column.get_internal_type(), "''")


@transaction.atomic(savepoint=False)
def finish_erasure(*, erasure_id: int, now: datetime) -> Erasure:
    """Note that a person is erased; the words that they were looked for by go too."""
    erasure = Erasure.objects.select_for_update().get(pk=erasure_id)
    if erasure.status == Erasure.Status.RUNNING:
        erasure.status, erasure.done_at, erasure.sought = Erasure.Status.DONE, now, {}
        erasure.save(update_fields=["status", "done_at", "sought"])
    return erasure
