"""Reading stock."""

from collections.abc import Sequence

from django.db.models import QuerySet

from inventory.models import Sku, StockLevel, StockMovement, Warehouse


def availability(*, codes: Sequence[str]) -> list[dict]:
    """What can be bought now of each SKU, in the order asked, per warehouse and in sum.

    Unknown codes are left out. All numbers are units.
    """
    skus = {sku.code: sku for sku in Sku.objects.filter(code__in=codes)}
    levels: dict[int, list[StockLevel]] = {}
    rows = StockLevel.objects.select_related("warehouse").filter(
        sku_id__in=[sku.pk for sku in skus.values()], warehouse__is_active=True
    )
    for level in rows.order_by("sku_id", "warehouse_id"):
        levels.setdefault(level.sku_id, []).append(level)
    return [
        _availability_of(skus[code], levels.get(skus[code].pk, []))
        for code in dict.fromkeys(codes)
        if code in skus
    ]


def _availability_of(sku: Sku, levels: Sequence[StockLevel]) -> dict:
    return {
        "sku": sku.code,
        "available": sum(max(0, level.available) for level in levels),
        "on_hand": sum(level.on_hand for level in levels),
        "reserved": sum(level.reserved for level in levels),
        "incoming": sum(level.incoming for level in levels),
        "warehouses": [
            {
                "warehouse": level.warehouse.code,
                "available": max(0, level.available),
                "on_hand": level.on_hand,
                "reserved": level.reserved,
                "incoming": level.incoming,
            }
            for level in levels
        ],
    }


def movements_of(sku_id: int) -> QuerySet[StockMovement]:
    """The stock card of a SKU, newest first, with places and people."""
    return (
        StockMovement.objects.filter(sku_id=sku_id)
        .select_related("from_place__warehouse", "to_place__warehouse", "by")
        .order_by("-pk")
    )


def skus_named(ids: Sequence[int]) -> dict[int, str]:
    """SKU codes as events name them, by primary key."""
    return dict(Sku.objects.filter(pk__in=ids).values_list("pk", "code"))


def warehouses_named(ids: Sequence[int]) -> dict[int, str]:
    """Warehouse codes as events name them, by primary key."""
    return dict(Warehouse.objects.filter(pk__in=ids).values_list("pk", "code"))
