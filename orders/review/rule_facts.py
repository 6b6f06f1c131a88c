"""Reads the facts that rules evaluate: of orders as placed, or as they are now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from orders.customers.countries import country_code
from orders.review.decisions.conditions import Node
from orders.review.decisions.predicates import predicate
from orders.review.fields import FIELDS, NAMES, Field, OfLines

_ALWAYS = (  # besides what rules ask
    "o.id, o.number, o.channel_id, o.placed_at, v.inputs ->> 'policy' AS policy,"
    " coalesce(v.inputs -> 'findings', '[]') AS noticed"
)


_FROM = """
FROM orders_order o
JOIN erp_channel c ON c.id = o.channel_id
LEFT JOIN orders_orderaddress a ON a.order_id = o.id AND a.kind = 'shipping'
LEFT JOIN LATERAL (SELECT d.inputs FROM orders_decision d WHERE d.order_id = o.id AND d.kind = 'review'
                   ORDER BY d.id LIMIT 1) v ON true
"""


def _facts(columns: Mapping[str, str], at: str, more: str, quantity: str, lines: str) -> str:
    """One row of facts for an order: SQL by the names of `fields.FIELDS`, aggregates of its lines beside the others."""
    of_lines = {name: sql for name, sql in columns.items() if isinstance(sql, OfLines)}
    selected = [f"{f'l.{n}' if n in of_lines else sql} AS {n}" for n, sql in columns.items()]
    summed = [f"{sql} AS {n}".replace("$quantity", quantity) for n, sql in of_lines.items()]
    return f"""SELECT {_ALWAYS}, {", ".join(selected)}, {at} AS at {_FROM} {more}
LEFT JOIN LATERAL (SELECT {", ".join(summed)} FROM orders_orderline x LEFT JOIN inventory_sku s ON s.id = x.sku_id
                   WHERE x.order_id = o.id {lines}) l ON true
"""


AS_PLACED = _facts(
    {field.name: field.sql for field in FIELDS.values()},
    at="o.placed_at",
    more="""LEFT JOIN LATERAL (SELECT d.outcome FROM orders_decision d WHERE d.order_id = o.id AND d.kind = 'routing'
                               ORDER BY d.id LIMIT 1) r ON true""",
    quantity="x.quantity_ordered",
    lines="",
)


AS_IT_IS = _facts(  # one parameter: the moment of asking
    {field.name: field.now or field.sql for field in FIELDS.values()},
    at="n.at",
    more="CROSS JOIN (SELECT %s::timestamptz AS at) n",
    quantity="(x.quantity_ordered - x.quantity_cancelled)",
    lines="AND x.quantity_ordered > x.quantity_cancelled",
)


OPEN = "o.status IN ('pending', 'confirmed') AND o.fulfillment_status IN ('unfulfilled', 'in_progress') AND NOT o.is_history"


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order with what rules may ask of it, and what was noticed about it when it came."""

    id: int
    number: str
    channel_id: int
    total: Decimal
    currency: str
    asked: dict[str, Any]
    findings: list[dict[str, Any]]
    holds_on_doubt: bool


def orders_as_placed(
    since: datetime, until: datetime, after: tuple[datetime, int], most: int
) -> list[KnownOrder]:
    """The next orders placed in a span after (placed_at, id), as they were then; the oldest first."""
    return _read(
        f"{AS_PLACED} WHERE o.placed_at >= %s AND o.placed_at < %s AND (o.placed_at, o.id) > (%s, %s)"
        " ORDER BY o.placed_at, o.id LIMIT %s",
        [since, until, *after, most],
    )


def orders_as_they_are(ids: Sequence[int], now: datetime) -> list[KnownOrder]:
    """Open orders that have not left, of these ids, as they are now; by id."""
    return _read(f"{AS_IT_IS} WHERE o.id = ANY (%s) AND {OPEN} ORDER BY o.id", [now, list(ids)])


def open_ids(*, after: int, most: int) -> list[int]:
    """Ids above `after` of open orders that have not left."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT o.id FROM orders_order o WHERE o.id > %s AND {OPEN} ORDER BY o.id LIMIT %s",
            [after, most],
        )
        return [pk for (pk,) in cursor.fetchall()]


def open_matching(node: Node, *, after: int, most: int, now: datetime) -> list[int]:
    """Ids above `after` of open orders that a condition is true of now: PostgreSQL asks it."""
    sql, given = predicate(node)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.id FROM ({AS_IT_IS} WHERE o.id > %s AND {OPEN}) f WHERE {sql} ORDER BY f.id LIMIT %s",
            [now, after, *given, most],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _read(sql: str, given: list[Any]) -> list[KnownOrder]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [_known(row) for row in rows]


def _known(row: dict[str, Any]) -> KnownOrder:
    noticed = row["noticed"]
    asked = {name: _as_asked(row[name], field) for name, field in FIELDS.items()}
    asked["at"] = row["at"]
    if len(row["country"]) > 2:  # history: as its source wrote it
        asked["country"] = country_code(row["country"]) or row["country"]
    return KnownOrder(
        id=row["id"],
        number=row["number"],
        channel_id=row["channel_id"],
        total=row["total"],
        currency=row["currency"],
        asked=asked,
        findings=json.loads(noticed) if isinstance(noticed, str) else noticed,
        holds_on_doubt=row["policy"] != "record",
    )


def _as_asked(value: Any, field: Field) -> Any:
    """What PostgreSQL found, as rules ask it."""
    if field.kind == NAMES:
        return set(value)
    return int(value) if field.is_count else value
