"""Reads what is kept of a person: rows by table, and what the law has us keep until when."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.privacy.declarations import Fate, Of, Rule, Table, duties, rule_named, tables
from erp.privacy.models import Erasure, Retention
from erp.privacy.person import Found
from erp.shapes import Words

DOES: Mapping[Fate, Words] = {
    Fate.DELETE: _("deletes them"),
    Fate.BLANK: _("empties what names the person"),
    Fate.SCRUB: _("takes the person's words out"),
    Fate.KEEP: _("keeps them: they name nobody, or the law wants them"),
}


@dataclass(frozen=True)
class KeptRows:
    """Rows of one table that are a person's."""

    table: Table
    rows: int

    @property
    def is_erased(self) -> bool:
        """Whether an erasure changes them."""
        return self.table.fate != Fate.KEEP and bool(self.table.columns)

    @property
    def does(self) -> Words:
        """What an erasure does to them, in words."""
        return DOES[self.table.fate]


def kept_of(person: Found) -> list[KeptRows]:
    """What is kept of a person, by table; tables without a row of theirs are left out."""
    found = []
    with connection.cursor() as cursor:
        for table in exported():
            cursor.execute(f"SELECT count(*) FROM {table.name} t WHERE {table.whose}", person)
            rows = int((cursor.fetchone() or (0,))[0])
            if rows:
                found.append(KeptRows(table, rows))
    return found


def exported() -> list[Table]:
    """The tables that hold customers' data."""
    return [t for t in tables() if t.of == Of.CUSTOMER and t.whose]


def rows_of(table: Table, person: Found) -> Iterator[dict[str, Any]]:
    """A person's rows of one table, as they are exported."""
    hidden = table.unexported.split()
    bytes_ = [
        name for name in table.columns if table.column(name).get_internal_type() == "BinaryField"
    ]
    shown = "".join(
        f" || jsonb_build_object('{name}', erp_as_text(t.\"{name}\"))"
        for name in bytes_
        if name not in hidden
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (to_jsonb(t) - %(hidden)s::text[]{shown})::text FROM {table.name} t"
            f" WHERE {table.whose} ORDER BY t.{table.key}",
            {**person, "hidden": hidden},
        )
        for (row,) in cursor.fetchall():
            yield json.loads(row)


def kept_by_law(person: Found) -> list[list[str]]:
    """What the law has us keep of a person: [name, until which day]."""
    found = []
    with connection.cursor() as cursor:
        for duty in duties():
            days = days_of(rule_named(duty.rule))
            cursor.execute(duty.find, person)
            for name, since in cursor.fetchall():
                until = timezone.localtime(since + timedelta(days=days)).date()
                found.append([str(name), until.isoformat()])
    return found


def days_of(rule: Rule) -> int:
    """How many days a rule keeps its rows: the merchant's, else the default."""
    own = Retention.objects.filter(name=rule.name).values_list("days", flat=True).first()
    return rule.days if own is None else own


def erasure_of(customer_id: int) -> Erasure | None:
    """The erasure of a customer, where there was one."""
    return Erasure.objects.filter(customers__contains=[customer_id]).order_by("-pk").first()


def register() -> list[dict[str, Any]]:
    """The register of erasures, as its file has it: ids and hashes."""
    return [
        {
            "key": str(e.key),
            "customers": e.customers,
            "orders": e.orders,
            "contact_hashes": e.contact_hashes,
            "asked_at": e.asked_at.isoformat(),
        }
        for e in Erasure.objects.order_by("pk")
    ]
