"""Declares the verbs of invoicing: ask for an invoice, issue one, note one that was issued elsewhere."""

from collections.abc import Mapping

import msgspec
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.shapes import Code
from erp.verbs import NoBody, Verb
from orders.customers.invoice_details import InvoiceWish
from orders.invoicing.actions.issue import issue_invoice
from orders.invoicing.actions.requests import note_invoice, request_invoice
from orders.invoicing.queries import invoices_of
from orders.order.models.order import Order


class InvoiceBody(msgspec.Struct, forbid_unknown_fields=True):
    number: Code


def _wish(_order: Order, body: InvoiceWish, _by: Actor) -> Mapping[str, object]:
    return {"wish": body}


REQUEST: Verb[Order, InvoiceWish] = Verb(
    "request_invoice",
    request_invoice,
    "orders.note",
    "Say in whose name an invoice is wanted",
    gettext_lazy("Request an invoice"),
    gettext_lazy("Saved."),
    body=InvoiceWish,
    arguments=_wish,
    path="invoice-request",
    is_listed=False,
    sentences={"invoice.requested": gettext_lazy("Invoice requested")},
)
NOTE: Verb[Order, InvoiceBody] = Verb(
    "note_invoice",
    note_invoice,
    "orders.pay",
    "Say that the invoice is issued",
    gettext_lazy("Note the invoice"),
    gettext_lazy("Saved."),
    body=InvoiceBody,
    path="invoice",
    is_listed=False,
    sentences={"invoice.issued": gettext_lazy("Invoice %(number)s issued")},
)
ISSUE: Verb[Order, NoBody] = Verb(
    "issue_invoice",
    issue_invoice,
    "orders.pay",
    "Invoice what has not been invoiced",
    gettext_lazy("Issue an invoice"),
    gettext_lazy("Issued."),
    path="invoices",
    status=201,
    shows=lambda _made, pk, _by: {"data": invoices_of(pk)},
    is_listed=False,
)

VERBS = (REQUEST, NOTE, ISSUE)
