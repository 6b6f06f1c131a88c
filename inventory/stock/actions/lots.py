"""Corrects lots' dates and quarantines lots near their expiry."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from inventory.stock.actions.ledger import lock_levels, place_id
from inventory.stock.actions.move import Carry, move_stock
from inventory.stock.actions.reserve import give_way
from inventory.stock.models.levels import BinLevel
from inventory.stock.models.places import Place


@transaction.atomic(savepoint=False)
def block_expiring(*, by: Actor, now: datetime, limit: int = 200) -> int:
    """Take lots that are too near their expiry off sale: into quarantine, promises giving way.

    Each SKU says how many days before expiry (`sell_by_days`); the day is the warehouse's. Returns how many bins it
    emptied.
    """
    require(by, "inventory.move")
    found = _too_near(now, limit)
    # All of them in order before any: (SKU, warehouse), as whoever takes several does (docs/adr).
    lock_levels((row[0], row[1]) for row in found)
    for warehouse_id in sorted({row[1] for row in found}):
        rows = [row for row in found if row[1] == warehouse_id]
        now_held = {
            (sku, place, lot): units
            for sku, place, lot, units in BinLevel.objects.filter(
                sku_id__in={row[0] for row in rows}, place_id__in={row[2] for row in rows}
            ).values_list("sku_id", "place_id", "lot_id", "on_hand")
        }
        quarantine = place_id(Place.Kind.QUARANTINE, warehouse_id)
        carries = [
            Carry(sku, now_held[sku, place, lot], place, quarantine, lot)
            for sku, _warehouse, place, lot in rows
            if now_held.get((sku, place, lot), 0) > 0
        ]
        if not carries:
            continue
        leaving: dict[int, int] = {}
        for carry in carries:
            leaving[carry.sku_id] = leaving.get(carry.sku_id, 0) + carry.quantity
        give_way(warehouse_id=warehouse_id, leaving=leaving, cause=f"expiry:{now.date()}", now=now)
        move_stock(
            warehouse_id=warehouse_id,
            carries=carries,
            kind="block",
            by=by,
            now=now,
            reason=_("Too close to expiry to be sold"),
        )
    return len(found)


# A lot is off sale from the beginning of its last day less the days that its SKU keeps, where it lies.
TOO_NEAR = """
WITH w AS MATERIALIZED (
    SELECT id, erp_day_in(time_zone, %s) AS today FROM inventory_warehouse)
SELECT b.sku_id, p.warehouse_id, b.place_id, b.lot_id
FROM inventory_lot t
JOIN inventory_sku s ON s.id = t.sku_id
JOIN inventory_binlevel b ON b.lot_id = t.id AND b.on_hand > 0
JOIN inventory_place p ON p.id = b.place_id AND p.kind = 'bin' AND p.frozen_by_id IS NULL
JOIN w ON w.id = p.warehouse_id
WHERE t.expires_on - s.sell_by_days <= w.today
ORDER BY b.sku_id, p.warehouse_id, b.place_id, b.lot_id LIMIT %s
"""


def _too_near(now: datetime, limit: int) -> list[tuple[int, int, int, int]]:
    """Bins with lots that their SKU no longer sells: (SKU id, warehouse id, place id, lot id), in order."""
    with connection.cursor() as cursor:
        cursor.execute(TOO_NEAR, [now, limit])
        return list(cursor.fetchall())
