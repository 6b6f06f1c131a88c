"""Renders purchase suggestions for the API."""

from erp.ids import public_id
from inventory.replenishment.models import Suggestion


def suggestion_document(row: Suggestion) -> dict[str, object]:
    return {
        "object": "purchase_suggestion",
        "id": public_id("sug", row.pk),
        "sku": row.sku.code,
        "warehouse": row.warehouse.code,
        "supplier": row.supplier.code if row.supplier else None,
        "quantity": row.quantity,
        "unit_price": None if row.unit_price is None else f"{row.unit_price.normalize():f}",
        "reorder_point": row.reorder_point,
        "position": row.position,
        "reasons": row.reasons,
        "at": row.at,
    }
