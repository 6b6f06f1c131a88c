"""Orders and customers in the dashboard."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.ids import primary_key
from erp.web.lists import show_list
from erp.web.pages import StaffRequest, page, take
from orders import actions, queries
from orders.explaining import LIKENESS
from orders.lists import CUSTOMERS, ORDERS, REVIEW
from orders.models import Customer, CustomerIdentity, ShippingService
from orders.resembling import alike


@page("orders.view")
def order_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, ORDERS)


@page("orders.view")
def review_queue(request: StaffRequest) -> HttpResponse:
    """Every order on hold, with the reason in words and the ways on beside it."""
    return show_list(request, REVIEW, crumbs=[("/orders/", _("Orders"))])


@page("customers.view")
def customer_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, CUSTOMERS)


@page("customers.view")
def customer_page(request: StaffRequest, customer: str) -> HttpResponse:
    row = Customer.objects.filter(pk=primary_key("cus", customer) or 0).first()
    if row is None:
        raise Http404
    orders = (
        queries.orders_visible_to(request.actor).filter(customer=row).select_related("channel")
    )
    return render(
        request,
        "orders/customer.html",
        {
            "customer": row,
            "identities": CustomerIdentity.objects.filter(customer=row).order_by("kind"),
            "orders": orders.order_by("-placed_at", "-id")[:50],
            "may_edit": "customers.edit" in request.actor.verbs,
            "alike": [
                (a, [str(LIKENESS[code]) for code in a.reasons], round(a.score * 100))
                for a in (alike(row) if row.merged_into_id is None else ())
            ],
            "merges": row.merges.filter(undone_at=None).select_related("gone", "by"),
        },
    )


@require_POST
@page("customers.edit")
def change_customer(request: StaffRequest, customer: str) -> HttpResponse:
    """Note something about a customer, and how long perishable goods must keep for them."""
    days = request.POST.get("min_shelf_life_days", "").strip()
    return take(
        request, actions.change_customer, _("Saved."), f"/customers/{customer}/",
        customer_id=primary_key("cus", customer) or 0,
        min_shelf_life_days=int(days) if days.isdecimal() and len(days) < 6 else 0,
        note=request.POST.get("note", ""),
    )  # fmt: skip


@require_POST
@page("customers.edit")
def merge_customer(request: StaffRequest, customer: str) -> HttpResponse:
    """Make one of two customers: the one whose page it is stays."""
    return take(
        request, actions.merge_customers, _("They are one customer now."), f"/customers/{customer}/",
        kept_id=primary_key("cus", customer) or 0,
        gone_id=primary_key("cus", request.POST.get("other", "")) or 0,
    )  # fmt: skip


@require_POST
@page("customers.edit")
def unmerge_customer(request: StaffRequest, customer: str, pk: int) -> HttpResponse:
    """Take two customers apart again."""
    return take(
        request, actions.unmerge_customers, _("They are two customers again."),
        f"/customers/{customer}/", merge_id=pk,
    )  # fmt: skip


SERVICE_FIELDS = ("name", "name_zh", "carrier", "fee", "transit_p50", "transit_p90")


@page("settings.view")
def carriers(request: StaffRequest) -> HttpResponse:
    """The shipping services of every carrier; a POST adds one."""
    if request.method == "POST":
        fields = _service(request, ("code", "currency", *SERVICE_FIELDS))
        return take(request, actions.add_service, _("Service added."), request.path, **fields)
    return render(
        request,
        "orders/carriers.html",
        {
            "services": ShippingService.objects.order_by("carrier", "currency", "fee"),
            "may_edit": "settings.edit" in request.actor.verbs,
            "crumbs": [("/settings/", _("Settings"))],
        },
    )


@require_POST
@page("settings.edit")
def change_carrier(request: StaffRequest, pk: int) -> HttpResponse:
    fields = _service(request, SERVICE_FIELDS)
    fields["is_active"] = request.POST.get("is_active") == "1"
    return take(
        request,
        actions.change_service,
        _("Saved."),
        "/settings/carriers/",
        service_id=pk,
        **fields,
    )


def _service(request: StaffRequest, names: tuple[str, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in names}
    fields["free_from"] = request.POST.get("free_from", "").strip() or None
    return fields
