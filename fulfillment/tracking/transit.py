"""Measures transit times of shipping services: median and 90th percentile in working days."""

import math
from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import connection

from orders.routing.calendar import is_working_day

LOOKED_AT = timedelta(days=90)


ENOUGH = 30  # parcels, before anything is learnt from them


# Days of the carrier are counted in the warehouse's country, as promises count them.
DELIVERED = """
SELECT p.service, o.currency, w.country, erp_day_in(w.time_zone, p.shipped_at) AS left_on,
       erp_day_in(w.time_zone, p.delivered_at) AS came_on, count(*)
FROM fulfillment_parcel p
JOIN orders_order o ON o.id = p.order_id
JOIN fulfillment_fulfillmentorder f ON f.id = p.fulfillment_order_id
JOIN inventory_warehouse w ON w.id = f.warehouse_id
WHERE p.delivered_at >= %s AND p.delivered_at < %s AND p.shipped_at IS NOT NULL AND p.delivered_at >= p.shipped_at
GROUP BY 1, 2, 3, 4, 5
"""


def transit_days(now: datetime) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Working days by (service code, currency): half the parcels within, nine in ten within, how many they were."""
    counted: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    with connection.cursor() as cursor:
        cursor.execute(DELIVERED, [now - LOOKED_AT, now])
        for service, currency, country, left_on, came_on, parcels in cursor.fetchall():
            counted[service, currency][_working_days(country, left_on, came_on)] += parcels
    found = {}
    for key, by_days in counted.items():
        total = sum(by_days.values())
        if total >= ENOUGH:
            found[key] = (_within(by_days, total, 0.5), _within(by_days, total, 0.9), total)
    return found


def _working_days(country: str, left_on: date, came_on: date) -> int:
    span = (came_on - left_on).days
    return sum(is_working_day(country, left_on + timedelta(days=n + 1)) for n in range(span))


def _within(by_days: dict[int, int], total: int, share: float) -> int:
    """The days within which that share of the parcels came (nearest rank)."""
    wanted, seen = math.ceil(total * share), 0
    for days, parcels in sorted(by_days.items()):
        seen += parcels
        if seen >= wanted:
            return days
    return max(by_days)
