"""Invoices over the API, and what is wanted on them."""

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    decoded,
    raw_body,
)
from erp.api.schema import operation
from erp.api.values import money, stamp
from orders.customers.invoice_details import InvoiceWish
from orders.invoicing.actions.issue import issue_invoice
from orders.invoicing.actions.requests import note_invoice, request_invoice
from orders.invoicing.models import Invoice
from orders.order.api import NoBody, OrderVerb
from orders.order.models.order import Order
from orders.order.queries import find_order


class InvoiceBody(msgspec.Struct, forbid_unknown_fields=True):
    number: str


class RequestInvoice(OrderVerb[InvoiceWish]):
    rights = {"post": "orders.note"}
    body = InvoiceWish
    verb = staticmethod(request_invoice)

    @operation("Say in whose name an invoice is wanted", body=InvoiceWish, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: InvoiceWish) -> dict[str, object]:
        return {"wish": body}


class NoteInvoice(OrderVerb[InvoiceBody]):
    rights = {"post": "orders.pay"}
    body = InvoiceBody
    verb = staticmethod(note_invoice)

    @operation("Say that the invoice is issued", body=InvoiceBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: InvoiceBody) -> dict[str, object]:
        return {"number": body.number}


def invoice_documents(invoices: list[Invoice], order: Order) -> list[dict[str, object]]:
    """Invoices and credit notes with their lines, as the API shows them; a statement for the lines of all."""
    return [
        {
            "object": "invoice",
            "number": invoice.number,
            "kind": invoice.kind,
            "order": order.number,
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


class OrderInvoices(Endpoint):
    """What was invoiced and credited of an order; posting issues what is to be."""

    rights = {"get": "orders.view", "post": "orders.pay"}

    @operation("List an order's invoices and credit notes")
    def get(self, request: Request, number: str) -> HttpResponse:
        return answer_json({"data": self._documents(find_order(self.actor, number))})

    @operation("Invoice what has not been invoiced", body=NoBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        decoded(raw, NoBody)
        order = find_order(self.actor, number)
        return answer_once(
            request,
            raw,
            issue_invoice,
            lambda _made: {"data": self._documents(order)},
            http_status=201,
            order_id=order.pk,
            by=self.actor,
            now=timezone.now(),
        )

    def _documents(self, order: Order) -> list[dict[str, object]]:
        rows = Invoice.objects.filter(order=order).select_related("corrects").order_by("pk")
        return invoice_documents(list(rows.prefetch_related("lines")), order)
