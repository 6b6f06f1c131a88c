"""Starts the cycle counts that are due."""

from datetime import datetime

from django.db import connection, transaction

from erp.access.models import Actor
from erp.access.queries import require
from inventory.catalogue.codes import MOST_LINES
from inventory.counting.actions.count import start_count
from inventory.counting.models import StockCount
from inventory.stock.models.places import Warehouse

COUNTED_EVERY = {"A": 30, "B": 90}  # days, by ABC class


OTHERWISE_EVERY = 365


# SKUs due for counting, the longest uncounted first, as many as one count holds lines.
_DUE = """
    WITH lying AS (
        SELECT b.sku_id, p.warehouse_id, count(*) AS lines FROM inventory_binlevel b
        JOIN inventory_place p ON p.id = b.place_id AND p.kind = 'bin' AND p.is_active
        WHERE b.on_hand > 0 AND p.warehouse_id = %s GROUP BY 1, 2
    ), due AS (
        SELECT s.id, lying.lines, row_number() OVER turn AS nth, sum(lying.lines) OVER turn AS so_far
        FROM lying JOIN inventory_sku s ON s.id = lying.sku_id
        LEFT JOIN LATERAL (
            SELECT max(x.counted_at) AS at FROM inventory_stockcountline x
            JOIN inventory_stockcount c ON c.id = x.count_id AND c.status = 'posted'
            WHERE x.sku_id = s.id AND c.warehouse_id = lying.warehouse_id) last ON true
        WHERE last.at IS NULL OR last.at <= %s - interval '1 day' * CASE s.abc_class WHEN 'A' THEN %s WHEN 'B' THEN %s ELSE %s END
        WINDOW turn AS (ORDER BY last.at NULLS FIRST, CASE s.abc_class WHEN 'A' THEN 0 WHEN 'B' THEN 1 ELSE 2 END, s.id)
    )
    SELECT id FROM due WHERE nth <= %s AND so_far <= %s ORDER BY nth
"""


@transaction.atomic(savepoint=False)
def begin_due_counts(*, by: Actor, now: datetime) -> list[StockCount]:
    """Begin a blind count in each warehouse that wants one: the SKUs that were counted longest ago.

    Class A is due every 30 days, B every 90, the rest once a year. While the count of an earlier
    night is open none is begun.
    """
    require(by, "inventory.count")
    made = []
    for warehouse in Warehouse.objects.filter(is_active=True, counts_per_night__gt=0).order_by(
        "pk"
    ):
        if StockCount.objects.filter(
            warehouse=warehouse, by=by, status__in=("counting", "submitted")
        ).exists():
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                _DUE,
                [
                    warehouse.pk,
                    now,
                    COUNTED_EVERY["A"],
                    COUNTED_EVERY["B"],
                    OTHERWISE_EVERY,
                    warehouse.counts_per_night,
                    MOST_LINES,
                ],
            )
            due = [pk for (pk,) in cursor.fetchall()]
        if due:
            made.append(start_count(warehouse_id=warehouse.pk, sku_ids=due, by=by, now=now))
    return made
