"""Serves an order's confirmation, invoices and credit notes as PDF to staff.

In clear for who sees contacts, or may ask for them, which is recorded; for all others with a mask.
"""

from django.http import Http404, HttpResponse
from django.views.decorators.cache import never_cache

from erp.web.pages import StaffRequest, page
from orders.customers.readers import Purpose
from orders.customers.views import open_paper
from orders.invoicing import papers as invoicing_papers
from orders.invoicing.models import Invoice
from orders.order.views import find


@never_cache
@page("customers.view")
def confirmation(request: StaffRequest, number: str) -> HttpResponse:
    """The order's confirmation as a PDF, as its customer gets it."""
    order = find(request, number)
    reader = open_paper(request, f"order:{order.pk}", "confirmation", Purpose.BILLING)
    return _pdf(invoicing_papers.confirmation(order, reader), order.number)


@never_cache
@page("customers.view")
def invoice(request: StaffRequest, number: str, invoice: str) -> HttpResponse:
    """An invoice or a credit note of an order as a PDF, in its customer's language."""
    order = find(request, number)
    found = Invoice.objects.filter(order=order, number=invoice).select_related("order", "corrects")
    if (one := found.first()) is None:
        raise Http404
    reader = open_paper(request, f"order:{order.pk}", one.number, Purpose.BILLING)
    return _pdf(invoicing_papers.invoice(one, reader), one.number)


def _pdf(paper: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        paper,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )
