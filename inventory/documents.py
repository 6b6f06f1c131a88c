"""Stock documents, counts, transfers and purchase orders as the API shows them."""

from decimal import Decimal
from typing import Any

from erp.ids import public_id
from inventory.models import (
    PurchaseOrder,
    StockCount,
    StockDocument,
    Suggestion,
    Supplier,
    SupplierTerm,
    Transfer,
)


def amount(value: Decimal, currency: str) -> dict[str, str]:
    """Money as the API shows it; unit prices keep their decimals."""
    return {"amount": f"{value.normalize():f}", "currency": currency}


def stock_document(document: StockDocument) -> dict[str, Any]:
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
                "bin": (line.to_place or line.place).code  # type: ignore[union-attr]
                if line.to_place or line.place
                else None,
                "lot": line.lot.code if line.lot else None,
                "serials": line.serials,
            }
            for line in lines
        ],
        "at": document.at,
    }


def count_document(count: StockCount, *, sees_expected: bool) -> dict[str, Any]:
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


def transfer_document(transfer: Transfer) -> dict[str, Any]:
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
            for line in transfer.lines.select_related("sku").order_by("pk")
        ],
        "created_at": transfer.created_at,
        "shipped_at": transfer.shipped_at,
        "closed_at": transfer.closed_at,
    }


def purchase_document(purchase: PurchaseOrder) -> dict[str, Any]:
    return {
        "object": "purchase_order",
        "number": purchase.number,
        "status": purchase.status,
        "supplier": purchase.supplier.code,
        "warehouse": purchase.warehouse.code,
        "total": amount(purchase.total, purchase.currency),
        "supplier_reference": purchase.supplier_reference,
        "order": purchase.order_number or None,
        "suggested": purchase.is_suggested,
        "note": purchase.note,
        "expected_on": purchase.expected_on,
        "lines": [
            {
                "id": public_id("pol", line.pk),
                "sku": line.sku.code,
                "supplier_sku": line.supplier_sku,
                "quantity": line.quantity,
                "quantity_received": line.quantity_received,
                "quantity_rejected": line.quantity_rejected,
                "quantity_cancelled": line.quantity_cancelled,
                "quantity_incoming": line.quantity_incoming,
                "unit_price": amount(line.unit_price, purchase.currency),
                "expected_on": line.expected_on,
                "reasons": line.reasons,
            }
            for line in purchase.lines.select_related("sku").order_by("pk")
        ],
        "created_at": purchase.created_at,
        "sent_at": purchase.sent_at,
        "ended_at": purchase.ended_at,
    }


def supplier_document(supplier: Supplier) -> dict[str, Any]:
    return {
        "object": "supplier",
        "code": supplier.code,
        "name": supplier.name,
        "email": supplier.email,
        "phone": supplier.phone,
        "country": supplier.country,
        "currency": supplier.currency,
        "lead_time_days": supplier.lead_time_days,
        "review_days": supplier.review_days,
        "min_order_value": amount(supplier.min_order_value, supplier.currency),
        "payment_terms": supplier.payment_terms,
        "orders_itself": supplier.orders_itself,
        "is_active": supplier.is_active,
    }


def term_document(term: SupplierTerm) -> dict[str, Any]:
    return {
        "object": "supplier_term",
        "supplier": term.supplier.code,
        "sku": term.sku.code,
        "supplier_sku": term.supplier_sku,
        "min_quantity": term.min_quantity,
        "unit_price": amount(term.unit_price, term.supplier.currency),
        "pack_size": term.pack_size,
        "moq": term.moq,
        "lead_time_days": term.lead_time_days,
        "preference": term.preference,
        "valid_from": term.valid_from,
        "valid_until": term.valid_until,
    }


def suggestion_document(row: Suggestion) -> dict[str, Any]:
    return {
        "object": "purchase_suggestion",
        "id": public_id("sug", row.pk),
        "sku": row.sku.code,
        "warehouse": row.warehouse.code,
        "supplier": row.supplier.code if row.supplier else None,
        "quantity": row.quantity,
        "unit_price": f"{row.unit_price.normalize():f}",
        "reorder_point": row.reorder_point,
        "position": row.position,
        "reasons": row.reasons,
        "at": row.at,
    }
