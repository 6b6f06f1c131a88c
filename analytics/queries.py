"""Computes figures from orders, shipments and returns over a period, by a grouping."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from django.db import connection

from analytics.metrics import ENTERED, METRICS, REFUNDED, RETURNED, SOLD, WRITTEN_OFF, Metric
from erp.errors import Invalid, NotFound

TABLES = {
    "sold": SOLD,
    "returned": RETURNED,
    "refunded": REFUNDED,
    "entered": ENTERED,
    "written_off": WRITTEN_OFF,
}
GROUPS = ("day", "week", "month", "sku", "country", "channel")
MOST_POINTS = 5000
WHEN = re.compile(r"\{when ([a-z]+\.[a-z_]+)\}")

# The other parts: (at, channel_id, key columns…, numerator, denominator).
OTHERS = {
    "orders": "SELECT o.placed_at AS at, o.channel_id, '' AS sku, o.country, o.currency, 1 AS n, 1 AS d FROM orders_order o"
    " WHERE o.status IN ('confirmed', 'completed') AND {when o.placed_at}",
    "cancellations": "SELECT a.received_at AS at, a.channel_id, '' AS sku, a.country, a.currency, 1 AS n, 1 AS d"
    " FROM returns_returnauthorization a WHERE {when a.received_at}"
    " UNION ALL SELECT o.ended_at, o.channel_id, '', o.country, o.currency, 1, 1 FROM orders_order o"
    " WHERE o.status = 'cancelled' AND {when o.ended_at}",
    "lines": "SELECT o.placed_at AS at, o.channel_id, l.sku_code AS sku, o.country, o.currency, 1 AS n, 1 AS d"
    " FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id WHERE {when o.placed_at}"
    " UNION ALL SELECT e.at, e.channel_id, e.sku_code, e.country, e.currency, 1, 1 FROM orders_accountentry e WHERE {when e.at}"
    " UNION ALL SELECT a.received_at, a.channel_id, l.sku_code, a.country, a.currency, 1, 1 FROM returns_returnline l"
    " JOIN returns_returnauthorization a ON a.id = l.authorization_id"
    " WHERE NOT l.continues AND {when a.received_at}"
    " UNION ALL SELECT d.at, d.channel_id, s.code, d.country, '', 1, 1 FROM inventory_stockdocumentline l"
    " JOIN inventory_stockdocument d ON d.id = l.document_id JOIN inventory_sku s ON s.id = l.sku_id"
    " WHERE d.is_history AND {when d.at}",
    "return_rate": "SELECT o.placed_at AS at, o.channel_id, l.sku_code AS sku, o.country, o.currency,"
    " l.quantity_returned AS n, l.quantity_shipped AS d FROM orders_orderline l"
    " JOIN orders_order o ON o.id = l.order_id WHERE l.quantity_shipped > 0 AND {when o.placed_at}",
    # What was short is what routing found when the order was placed: goods that come later do not mend the past.
    "fill_rate": "SELECT o.placed_at AS at, o.channel_id, l.sku_code AS sku, o.country, o.currency,"
    " CASE WHEN d.short IS NULL THEN l.quantity_ordered - l.quantity_backordered"
    " ELSE l.quantity_ordered * (1 - least(1, coalesce((d.short->>l.sku_code)::numeric, 0) / w.units)) END AS n,"
    " l.quantity_ordered AS d FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id"
    " LEFT JOIN LATERAL (SELECT outcome->'short' AS short FROM orders_decision"
    " WHERE order_id = o.id AND kind = 'routing' ORDER BY id LIMIT 1) d ON true"
    " JOIN LATERAL (SELECT sum(x.quantity_ordered) AS units FROM orders_orderline x"
    " WHERE x.order_id = o.id AND x.sku_code = l.sku_code) w ON true"
    " WHERE o.status IN ('confirmed', 'completed') AND NOT l.is_service AND NOT o.is_history AND {when o.placed_at}",
    "cycle": "SELECT o.delivered_at AS at, o.channel_id, '' AS sku, o.country, o.currency,"
    " extract(epoch FROM o.delivered_at - o.placed_at) / 3600 AS n, 1 AS d FROM orders_order o"
    " WHERE NOT o.is_history AND {when o.delivered_at}",
    "on_time": "SELECT p.shipped_at AS at, o.channel_id, '' AS sku, o.country, o.currency,"
    " (p.shipped_at <= o.ship_by)::int AS n, 1 AS d FROM fulfillment_parcel p JOIN orders_order o ON o.id = p.order_id"
    " WHERE p.shipped_at IS NOT NULL AND o.ship_by IS NOT NULL AND {when p.shipped_at}",
}


# What a point is of, its numerator, its denominator, its currency; both sums over all points of that currency.
Row: TypeAlias = tuple[
    str | None, Decimal | None, Decimal | None, str, Decimal | None, Decimal | None
]


@dataclass(frozen=True)
class Figure:
    """A metric over a period. `series` is ordered: by time, or by value for other groupings."""

    metric: Metric
    value: Decimal | None
    currency: str | None
    series: list[tuple[str, Decimal | None]]


def figure(
    code: str,
    *,
    since: datetime,
    until: datetime,
    channel_id: int | None = None,
    by: str = "day",
    time_zone: str = "UTC",
    currency: str = "",
) -> Figure:
    """Compute a metric from `since` (included) to `until` (excluded).

    by         day, week, month (of the business day in `time_zone`), sku, country, channel
    currency   of money where the rows have several: amounts of two currencies are never added
    Raises NotFound for an unknown metric, Invalid for an unknown grouping.
    """
    metric = METRICS.get(code)
    if metric is None:
        raise NotFound
    if by not in GROUPS:
        raise Invalid(f"by is one of: {', '.join(GROUPS)}.")
    parts = [_part(part) for part in metric.parts]
    timed = by in {"day", "week", "month"}
    key = by
    if timed:  # a week or month that began before the period counts from its first day
        start = f"date_trunc('{by}', at AT TIME ZONE %(zone)s)::date"
        key = f"greatest({start}, (%(since)s::timestamptz AT TIME ZONE %(zone)s)::date)::text"
    if by == "channel":
        key = "(SELECT code FROM erp_channel c WHERE c.id = channel_id)"
    order = "1" if timed else "2 DESC NULLS LAST, 1"
    money = "currency" if metric.unit == "money" else "''"
    where = "WHERE channel_id = %(channel)s" if channel_id is not None else ""
    sql = (
        f"WITH rows AS ({' UNION ALL '.join(parts)})"
        f" SELECT {key} AS key, sum(n) AS n, sum(d) AS d, {money}, sum(sum(n)) OVER whole, sum(sum(d)) OVER whole"
        f" FROM rows {where} GROUP BY 1, 4 WINDOW whole AS (PARTITION BY {money})"
        f" ORDER BY {order} LIMIT {MOST_POINTS}"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            sql, {"since": since, "until": until, "zone": time_zone, "channel": channel_id}
        )
        rows = cursor.fetchall()
    return _figure(metric, _of_one_currency(rows, currency))


def _of_one_currency(rows: Sequence[Row], preferred: str) -> list[Row]:
    """Keep the rows of one currency: the preferred one, or the first by name."""
    found = sorted({row[3] for row in rows if row[3]})
    if len(found) < 2:
        return list(rows)
    chosen = preferred if preferred in found else found[0]
    return [row for row in rows if row[3] in (chosen, "")]


def _part(part: str) -> str:
    name, _, column = part.partition(":")
    if not column:
        return _limited(OTHERS[name])
    inner = _limited(TABLES[name])
    return f"SELECT at, channel_id, sku, country, currency, {column} AS n, 1 AS d FROM ({inner}) {name}"


def _limited(sql: str) -> str:
    """A SELECT of the period: each of its parts by the moment that it counts for."""
    return WHEN.sub(r"(\1 >= %(since)s AND \1 < %(until)s)", sql)


def _figure(metric: Metric, rows: Sequence[Row]) -> Figure:
    wholes = {
        row[3]: (row[4], row[5]) for row in rows
    }  # points beyond the most that are shown among them
    whole_n = [Decimal(n or 0) for n, _d in wholes.values()]
    whole_d = [Decimal(d or 0) for _n, d in wholes.values()]
    if metric.combine == "sum":
        series = [(str(row[0] or ""), _number(row[1])) for row in rows]
        value: Decimal | None = sum(whole_n, Decimal(0))
    else:
        series = [(str(row[0] or ""), _ratio(row[1], row[2])) for row in rows]
        value = _ratio(sum(whole_n, Decimal(0)), sum(whole_d, Decimal(0)))
    currency = next((row[3] for row in rows if row[3]), None) if metric.unit == "money" else None
    return Figure(metric, value, currency, series)


def _number(value: Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _ratio(numerator: Decimal | int | None, denominator: Decimal | int | None) -> Decimal | None:
    if numerator is None or not denominator:
        return None
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal("0.000001"))
