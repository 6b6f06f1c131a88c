"""Serves an order's confirmation, invoices and credit notes as PDF to staff."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from erp.once import perform
from erp.web.pages import StaffRequest, page
from orders.customers.actions.reveals import log_reveal
from orders.customers.masking import REVEAL, sees_contacts
from orders.invoicing import papers as invoicing_papers
from orders.invoicing.models import Invoice
from orders.order.models.order import Order
from orders.order.views import find


@never_cache
@page("customers.view")
def confirmation(request: StaffRequest, number: str) -> HttpResponse:
    """The order's confirmation as a PDF, as its customer gets it."""
    order = find(request, number)
    _look(request, order)
    return _pdf(invoicing_papers.confirmation(order), order.number)


@never_cache
@page("customers.view")
def invoice(request: StaffRequest, number: str, invoice: str) -> HttpResponse:
    """An invoice or a credit note of an order as a PDF, in its customer's language."""
    order = find(request, number)
    found = Invoice.objects.filter(order=order, number=invoice).select_related("order", "corrects")
    if (one := found.first()) is None:
        raise Http404
    _look(request, order)
    return _pdf(invoicing_papers.invoice(one), one.number)


def _look(request: StaffRequest, order: Order) -> None:
    """Whoever sees contacts masked, and may ask for them, is written down; 404 for all others."""
    if sees_contacts(request.actor):
        return
    if REVEAL not in request.actor.verbs:
        raise Http404
    subject = f"order:{order.pk}"
    perform(log_reveal, subject=subject, by=request.actor, now=timezone.now())


def _pdf(paper: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        paper,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )
