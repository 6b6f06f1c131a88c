"""What the nightly round begins by itself: purchase orders on a supplier's cycle, counts in turn."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import DomainError
from inventory.actions.counting import start_count
from inventory.actions.purchasing import approve_purchase, order_suggestions, send_purchase
from inventory.models import PurchaseOrder, StockCount, Suggestion, Supplier, Warehouse
from inventory.naming import MOST_LINES

COUNTED_EVERY = {"A": 30, "B": 90}  # days, by ABC class
OTHERWISE_EVERY = 365


@transaction.atomic(savepoint=False)
def order_by_itself(*, by: Actor, now: datetime) -> list[PurchaseOrder]:
    """Order what is suggested from suppliers that are ordered from by themselves, once a cycle.

    A purchase order that may go out is approved and sent; one that may not (below the least order
    value, above the approval limit, in a currency whose rate nobody has said) waits as a draft.
    """
    require(by, "purchasing.edit")
    made: list[PurchaseOrder] = []
    for supplier in Supplier.objects.filter(orders_itself=True, is_active=True).order_by("pk"):
        since = now - timedelta(days=supplier.review_days) + timedelta(hours=12)
        recent = PurchaseOrder.objects.filter(
            supplier=supplier, is_suggested=True, created_at__gt=since
        )
        ids = Suggestion.objects.filter(supplier=supplier, purchase=None, quantity__gt=0)
        chosen = list(ids.values_list("pk", flat=True))
        if not chosen or recent.exists():
            continue
        for purchase in order_suggestions(suggestion_ids=chosen, by=by, now=now):
            try:
                with transaction.atomic():
                    approve_purchase(purchase_id=purchase.pk, by=by, now=now)
                    send_purchase(purchase_id=purchase.pk, by=by, now=now)
            except DomainError:
                purchase.refresh_from_db()  # a draft still: its page says what keeps it
            made.append(purchase)
    return made


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
