"""Renders transfers for the API."""

from erp.ids import public_id
from inventory.stock.queries import write_offs_shown
from inventory.transfers.models import Transfer


def transfer_document(transfer: Transfer) -> dict[str, object]:
    """A transfer, as `transfers()` fetches it, as the API shows it."""
    lines = sorted(transfer.lines.all(), key=lambda line: line.pk)
    return {
        "object": "transfer",
        "number": transfer.number,
        "status": transfer.status,
        "from_warehouse": transfer.from_warehouse.code,
        "to_warehouse": transfer.to_warehouse.code,
        "note": transfer.note,
        "expected_on": transfer.expected_on,
        "lines": [
            {
                "id": public_id("trl", line.pk),
                "sku": line.sku.code,
                "quantity": line.quantity,
                "quantity_shipped": line.quantity_shipped,
                "quantity_received": line.quantity_received,
                "quantity_lost": line.quantity_lost,
            }
            for line in lines
        ],
        "write_offs": write_offs_shown(transfer.write_offs),
        "created_at": transfer.created_at,
        "shipped_at": transfer.shipped_at,
        "closed_at": transfer.closed_at,
    }
