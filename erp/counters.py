"""Updates counters of many rows by one statement; the caller has locked their parents."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import Model


def add_units(model: type[Model], units: Mapping[int, int], **signs: int) -> None:
    """Add units, by primary key, to counters of rows: `+1` adds them, `-1` takes them away.

    add_units(OrderLine, {17: 2}, quantity_shipped=+1, quantity_reserved=-1)

    The columns' CHECKs refuse what cannot be (IntegrityError).
    """
    if not units:
        return
    quote = connection.ops.quote_name
    changes = ", ".join(
        f"{quote(column)} = t.{quote(column)} {'+' if sign > 0 else '-'} v.units"
        for column, sign in signs.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} t SET {changes}"
            " FROM unnest(%s::bigint[], %s::int[]) AS v(id, units) WHERE t.id = v.id",
            [list(units), list(units.values())],
        )
