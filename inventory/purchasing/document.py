"""Renders purchase orders, suppliers and terms for the API."""

from erp.api.values import money, unit_price
from erp.ids import public_id
from inventory.purchasing.models import PurchaseOrder, Supplier, SupplierTerm


def purchase_document(purchase: PurchaseOrder) -> dict[str, object]:
    return {
        "object": "purchase_order",
        "number": purchase.number,
        "status": purchase.status,
        "supplier": purchase.supplier.code,
        "warehouse": purchase.warehouse.code,
        "total": money(purchase.total, purchase.currency),
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
                "unit_price": unit_price(line.unit_price, purchase.currency),
                "expected_on": line.expected_on,
                "reasons": line.reasons,
            }
            for line in purchase.lines.select_related("sku").order_by("pk")
        ],
        "created_at": purchase.created_at,
        "sent_at": purchase.sent_at,
        "ended_at": purchase.ended_at,
    }


def supplier_document(supplier: Supplier) -> dict[str, object]:
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
        "min_order_value": money(supplier.min_order_value, supplier.currency),
        "payment_terms": supplier.payment_terms,
        "orders_itself": supplier.orders_itself,
        "is_active": supplier.is_active,
    }


def term_document(term: SupplierTerm) -> dict[str, object]:
    return {
        "object": "supplier_term",
        "supplier": term.supplier.code,
        "sku": term.sku.code,
        "supplier_sku": term.supplier_sku,
        "min_quantity": term.min_quantity,
        "unit_price": unit_price(term.unit_price, term.supplier.currency),
        "pack_size": term.pack_size,
        "moq": term.moq,
        "lead_time_days": term.lead_time_days,
        "preference": term.preference,
        "valid_from": term.valid_from,
        "valid_until": term.valid_until,
    }
