"""What rules may ask of orders that are there: as they were when they were placed, or as they are now."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from orders.customers.countries import country_code
from orders.review.decisions.conditions import FIELDS, Node
from orders.review.decisions.predicates import predicate

# Both give one row of the same columns for an order; `conditions.FIELDS` names those that rules ask.
_COMMON = """
SELECT o.id, o.number, o.channel_id, o.placed_at, o.total, o.currency, c.code AS channel, o.type, o.payment_method,
       o.shipping_service AS service, coalesce(a.country, o.country) AS country, coalesce(a.region, '') AS region,
       coalesce(a.city, '') AS city, coalesce(a.postal_code, '') AS postal_code, o.discount,
       l.units, l.lines, l.largest_line, l.skus, l.weight_g,
       ARRAY(SELECT x ->> 'code' FROM jsonb_array_elements(coalesce(v.inputs -> 'findings', '[]')) x) AS findings,
       coalesce(v.inputs -> 'findings', '[]') AS noticed, v.inputs ->> 'policy' AS policy,
       (SELECT count(*) FROM orders_order b WHERE b.customer_id = o.customer_id AND b.id < o.id) AS customer_orders,
       NOT EXISTS (SELECT 1 FROM orders_order b WHERE b.customer_id = o.customer_id AND b.id < o.id) AS customer_is_new,
       coalesce((SELECT g.code FROM orders_customer k JOIN orders_customergroup g ON g.id = k.group_id
                 WHERE k.id = o.customer_id), '') AS customer_group,
       ARRAY(SELECT x.key || '=' || coalesce(x.value, '') FROM jsonb_each_text(o.metadata) x) AS custom,
"""


_FROM = """
FROM orders_order o
JOIN erp_channel c ON c.id = o.channel_id
LEFT JOIN orders_orderaddress a ON a.order_id = o.id AND a.kind = 'shipping'
LEFT JOIN LATERAL (SELECT d.inputs FROM orders_decision d WHERE d.order_id = o.id AND d.kind = 'review'
                   ORDER BY d.id LIMIT 1) v ON true
"""


AS_PLACED = f"""{_COMMON}
       coalesce(r.outcome -> 'short', '{{}}') <> '{{}}' AS backordered,
       CASE WHEN v.inputs IS NULL THEN o.payment_status
            WHEN coalesce((v.inputs -> 'asked' ->> 'paid')::numeric, 0) >= o.total THEN 'paid'
            WHEN coalesce((v.inputs -> 'asked' ->> 'paid')::numeric, 0) > 0 THEN 'part_paid'
            ELSE 'unpaid' END AS payment_status,
       '{{}}'::text[] AS tags, 0 AS hours_waiting, o.placed_at AS at
{_FROM}
LEFT JOIN LATERAL (SELECT coalesce(sum(x.quantity_ordered), 0) AS units, count(*) AS lines,
                          coalesce(max(x.quantity_ordered), 0) AS largest_line,
                          coalesce(array_agg(x.sku_code::text), '{{}}') AS skus,
                          coalesce(sum(x.quantity_ordered * s.weight_g), 0) AS weight_g
                   FROM orders_orderline x LEFT JOIN inventory_sku s ON s.id = x.sku_id WHERE x.order_id = o.id) l ON true
LEFT JOIN LATERAL (SELECT d.outcome FROM orders_decision d WHERE d.order_id = o.id AND d.kind = 'routing'
                   ORDER BY d.id LIMIT 1) r ON true
"""


AS_IT_IS = f"""{_COMMON}
       l.waiting > 0 AS backordered, o.payment_status, o.tags::text[] AS tags,
       floor(extract(epoch FROM %s::timestamptz - o.placed_at) / 3600) AS hours_waiting, %s::timestamptz AS at
{_FROM}
LEFT JOIN LATERAL (SELECT coalesce(sum(x.quantity_ordered - x.quantity_cancelled), 0) AS units, count(*) AS lines,
                          coalesce(max(x.quantity_ordered - x.quantity_cancelled), 0) AS largest_line,
                          coalesce(sum(x.quantity_backordered), 0) AS waiting,
                          coalesce(array_agg(x.sku_code::text), '{{}}') AS skus,
                          coalesce(sum((x.quantity_ordered - x.quantity_cancelled) * s.weight_g), 0) AS weight_g
                   FROM orders_orderline x LEFT JOIN inventory_sku s ON s.id = x.sku_id
                   WHERE x.order_id = o.id AND x.quantity_ordered > x.quantity_cancelled) l ON true
"""


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
    return _read(
        f"{AS_IT_IS} WHERE o.id = ANY (%s) AND {OPEN} ORDER BY o.id", [now, now, list(ids)]
    )


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
            [now, now, after, *given, most],
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
    asked = {name: row[name] for name in FIELDS} | {"at": row["at"]}
    asked |= {
        name: int(row[name]) for name in ("units", "largest_line", "hours_waiting", "weight_g")
    }
    asked |= {name: set(row[name]) for name in ("skus", "findings", "tags", "custom")}
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
