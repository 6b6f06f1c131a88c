"""Renders stock counts for the API."""

from inventory.counting.models import StockCount


def count_document(count: StockCount, *, sees_expected: bool) -> dict[str, object]:
    """A count; what the ledger says is left out of a blind one while it is being counted."""
    lines = count.lines.select_related("place", "sku", "lot").order_by(
        "place__zone__pick_sequence", "place__pick_sequence", "place__code", "sku__code", "pk"
    )
    shows = sees_expected or not count.is_blind or count.status != "counting"
    return {
        "object": "stock_count",
        "number": count.number,
        "status": count.status,
        "warehouse": count.warehouse.code,
        "scope": count.scope,
        "blind": count.is_blind,
        "freezes": count.freezes,
        "lines": [
            {
                "bin": line.place.code,
                "sku": line.sku.code,
                "lot": line.lot.code if line.lot else None,
                "counted": line.counted,
                "expected": line.expected if shows else None,
                "variance": line.variance if shows else None,
            }
            for line in lines
        ],
        "created_at": count.created_at,
        "posted_at": count.posted_at,
    }
