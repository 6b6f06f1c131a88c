"""Reads the units that are free to be promised."""

from collections.abc import Collection

from django.db.models import F, Sum

from inventory.models import (
    StockLevel,
    StockPolicy,
    Warehouse,
)
from orders.routing.decisions.warehouse import WarehouseFacts
from orders.routing.models.carriers import CarrierOption


def free_units(*, sku_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """Units that can be promised, net of safety stock, by (SKU id, warehouse id)."""
    safety = {
        (sku, warehouse): units
        for sku, warehouse, units in StockPolicy.objects.filter(
            sku_id__in=sku_ids, safety__gt=0
        ).values_list("sku_id", "warehouse_id", "safety")
    }
    levels = (
        StockLevel.objects.filter(sku_id__in=sku_ids, warehouse__is_active=True)
        .values("sku_id", "warehouse_id")
        .annotate(free=Sum(F("on_hand") - F("reserved")))
    )
    return {
        (row["sku_id"], row["warehouse_id"]): max(
            0, row["free"] - safety.get((row["sku_id"], row["warehouse_id"]), 0)
        )
        for row in levels
    }


def warehouses() -> list[WarehouseFacts]:
    """The warehouses that send goods, the preferred one first."""
    return [
        WarehouseFacts(*row)
        for row in Warehouse.objects.filter(is_active=True)
        .order_by("priority", "pk")
        .values_list("pk", "code", "country", "priority")
    ]


def active_carriers() -> list[tuple[str, str]]:
    """Every carrier that takes orders: (code, name)."""
    rows = CarrierOption.objects.filter(is_active=True).order_by("carrier")
    return list(dict(rows.values_list("carrier", "name")).items())
