"""Invoices and credit notes as the API shows them."""

from erp.api.values import money, stamp
from orders.invoicing.models import Invoice
from orders.order.models.order import Order


def _documents(invoices: list[Invoice], order_number: str) -> list[dict[str, object]]:
    """Invoices and credit notes with their lines, as the API shows them; a statement for the lines of all."""
    return [
        {
            "object": "invoice",
            "number": invoice.number,
            "kind": invoice.kind,
            "order": order_number,
            "corrects": invoice.corrects.number if invoice.corrects else None,
            "refund": invoice.refund or None,
            "net": money(invoice.net, invoice.currency),
            "tax": money(invoice.tax, invoice.currency),
            "total": money(invoice.total, invoice.currency),
            "issued_at": stamp(invoice.issued_at),
            "lines": [
                {
                    "what": line.what,
                    "sku": line.sku_code or None,
                    "name": line.name,
                    "quantity": line.quantity,
                    "net": money(line.net, invoice.currency),
                    "tax_rate": f"{line.tax_rate.normalize():f}",
                    "tax": money(line.tax, invoice.currency),
                    "total": money(line.total, invoice.currency),
                }
                for line in invoice.lines.all()
            ],
        }
        for invoice in invoices
    ]


def invoices_of(order_id: int) -> list[dict[str, object]]:
    """What was invoiced and credited of an order, the oldest first."""
    number = Order.objects.values_list("number", flat=True).get(pk=order_id)
    rows = Invoice.objects.filter(order=order_id).select_related("corrects").order_by("pk")
    return _documents(list(rows.prefetch_related("lines")), number)
