"""Renders stock documents for the API."""

from erp.ids import public_id
from inventory.stock.models.documents import StockDocument


def stock_document(document: StockDocument) -> dict[str, object]:
    lines = document.lines.select_related("sku", "place", "to_place", "lot").order_by("pk")
    return {
        "object": "stock_document",
        "id": public_id("sdoc", document.pk),
        "kind": document.kind,
        "status": document.status,
        "warehouse": document.warehouse.code if document.warehouse else None,
        "reason": document.reason,
        "purchase_order": document.purchase.number if document.purchase else None,
        "lines": [
            {
                "sku": line.sku.code,
                "quantity": line.quantity_change,
                "from": line.place.code if line.to_place and line.place else None,
                "bin": place.code if (place := line.to_place or line.place) else None,
                "lot": line.lot.code if line.lot else None,
                "serials": line.serials,
            }
            for line in lines
        ],
        "at": document.at,
    }
