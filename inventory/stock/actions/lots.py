"""Corrects lots' dates and quarantines lots near their expiry."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from inventory.stock.actions.ledger import lock_levels, place_id
from inventory.stock.actions.move import Carry, move_stock
from inventory.stock.actions.reserve import give_way
from inventory.stock.models.levels import BinLevel, Lot
from inventory.stock.models.places import Place


@transaction.atomic(savepoint=False)
def block_expiring(*, today: date, by: Actor, now: datetime, limit: int = 200) -> int:
    """Take lots that are too near their expiry off sale: into quarantine, promises giving way.

    Each SKU says how many days before expiry (`sell_by_days`). Returns how many bins it emptied.
    """
    require(by, "inventory.move")
    found = _too_near(today, limit)
    for warehouse_id in sorted({row[1] for row in found}):
        rows = [row for row in found if row[1] == warehouse_id]
        lock_levels((row[0], warehouse_id) for row in rows)
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
        give_way(warehouse_id=warehouse_id, leaving=leaving, cause=f"expiry:{today}", now=now)
        move_stock(
            warehouse_id=warehouse_id,
            carries=carries,
            kind="block",
            by=by,
            now=now,
            reason=_("Too close to expiry to be sold"),
        )
    return len(found)


def _too_near(today: date, limit: int) -> list[tuple[int, int, int, int]]:
    """Bins with lots that their SKU no longer sells: (SKU id, warehouse id, place id, lot id), in order."""
    near = [
        lot
        for lot in Lot.objects.select_related("sku").filter(
            expires_on__isnull=False, expires_on__lte=today + timedelta(days=3650)
        )
        if lot.expires_on and lot.expires_on <= today + timedelta(days=lot.sku.sell_by_days)
    ]
    return list(
        BinLevel.objects.filter(
            lot_id__in=[lot.pk for lot in near],
            on_hand__gt=0,
            place__kind=Place.Kind.BIN,
            place__frozen_by=None,
        )
        .order_by("sku_id", "place__warehouse_id", "place_id", "lot_id")
        .values_list("sku_id", "place__warehouse_id", "place_id", "lot_id")[:limit]
    )
