"""Orders and customers in the dashboard."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.ids import primary_key
from erp.once import perform
from erp.web.counting import kept_a_minute
from erp.web.lists import show_list
from erp.web.pages import StaffRequest, page, take
from orders import actions, queries
from orders.actions import Terms
from orders.explaining import LIKENESS
from orders.lists import CUSTOMERS, LOOKS, ORDERS, REVIEW
from orders.masking import REVEAL, masked_identity, masked_name, sees_contacts
from orders.models import (
    Customer,
    CustomerGroup,
    CustomerIdentity,
    ShippingService,
    TaxExemption,
)
from orders.resembling import alike
from orders.states import HoldKind


@page("orders.view")
def order_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, ORDERS)


@page("orders.view")
def review_queue(request: StaffRequest) -> HttpResponse:
    """Every order on hold, with the reason in words and the ways on beside it."""
    intro = render_to_string("orders/take_next.html", {"me": request.actor.pk}, request)
    may_take = "orders.release" in request.actor.verbs
    return show_list(
        request, REVIEW, crumbs=[("/orders/", _("Orders"))], intro=intro if may_take else ""
    )


@require_POST
@page("orders.release")
def take_next(request: StaffRequest) -> HttpResponse:
    """Take the orders that have waited longest and that nobody has, and look at one's own."""
    count = request.POST.get("count", "")
    return take(
        request,
        actions.claim_next,
        _("These are yours for half an hour."),
        f"/orders/review/?taken={request.actor.pk}",
        count=int(count) if count.isdecimal() and len(count) < 4 else 0,
    )


@never_cache
@page("orders.view")
def review_figures(request: StaffRequest) -> HttpResponse:
    """How reviewing goes, for the home page: asked for after the page is there."""
    told = kept_a_minute("review-figures", lambda: queries.review_figures(timezone.now()))
    kinds = [(kind, dict(HoldKind.choices).get(kind.kind, kind.kind)) for kind in told.kinds]
    return render(request, "orders/review_figures.html", {"told": told, "kinds": kinds})


@page("customers.view")
def customer_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, CUSTOMERS)


@page("customers.view")
def customer_page(request: StaffRequest, customer: str) -> HttpResponse:
    row = _customer(customer)
    return _customer_page(request, row, is_clear=sees_contacts(request.actor))


@never_cache
@require_POST
@page("customers.reveal")
def reveal_customer(request: StaffRequest, customer: str) -> HttpResponse:
    """The page with the customer's contacts as they are; it is written down who asked."""
    row = _customer(customer)
    perform(actions.note_look, subject=f"customer:{row.pk}", by=request.actor, now=timezone.now())
    return _customer_page(request, row, is_clear=True)


def _customer(customer: str) -> Customer:
    row = Customer.objects.filter(pk=primary_key("cus", customer) or 0).first()
    if row is None:
        raise Http404
    return row


def _customer_page(request: StaffRequest, row: Customer, *, is_clear: bool) -> HttpResponse:
    """A customer with orders and who may be the same; names and contacts masked unless `is_clear`."""

    def called(other: Customer) -> str:
        return other.name if is_clear else masked_name(other.name)

    identities = CustomerIdentity.objects.filter(customer=row).order_by("kind")
    orders = queries.orders_visible_to(request.actor).filter(customer=row).select_related("channel")
    return render(
        request,
        "orders/customer.html",
        {
            "customer": row,
            "name": called(row),
            "identities": [
                i.value if is_clear else masked_identity(i.kind, i.value) for i in identities
            ],
            "may_reveal": not is_clear and REVEAL in request.actor.verbs,
            "orders": orders.order_by("-placed_at", "-id")[:50],
            "may_edit": "customers.edit" in request.actor.verbs,
            "may_agree": "customers.terms" in request.actor.verbs,
            "groups": [
                ("", "–"),
                *CustomerGroup.objects.order_by("code").values_list("code", "name"),
            ],
            "exemptions": TaxExemption.objects.filter(customer=row)
            .select_related("by")
            .order_by("country"),
            "alike": [
                (
                    a,
                    called(a.customer),
                    [str(LIKENESS[code]) for code in a.reasons],
                    round(a.score * 100),
                )
                for a in (alike(row) if row.merged_into_id is None else ())
            ],
            "merges": [
                (merge, called(merge.gone))
                for merge in row.merges.filter(undone_at=None).select_related("gone", "by")
            ],
            "merged_into": called(row.merged_into) if row.merged_into else "",
        },
    )


@require_POST
@page("customers.edit")
def change_customer(request: StaffRequest, customer: str) -> HttpResponse:
    """Note something about a customer, how long perishable goods must keep for them, what was agreed."""
    said = request.POST
    terms = None
    if "payment_days" in said:
        limit = said.get("credit_limit", "").strip().replace(",", "")
        terms = Terms(
            group=said.get("group", ""),
            credit_limit=_limit(limit),
            payment_days=_days(said["payment_days"]),
        )
    return take(
        request,
        actions.change_customer,
        _("Saved."),
        f"/customers/{customer}/",
        customer_id=primary_key("cus", customer) or 0,
        min_shelf_life_days=max(0, _days(said.get("min_shelf_life_days", ""))),
        note=said.get("note", ""),
        terms=terms,
    )


def _days(text: str) -> int:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 6 else 0 if not text else -1


def _limit(text: str) -> Decimal | None:
    """An amount as it was typed: None for nothing, below zero for what is none."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return Decimal(-1)


@require_POST
@page("customers.terms")
def exempt(request: StaffRequest, customer: str) -> HttpResponse:
    """Let a customer's orders to a country bear no tax."""
    return take(
        request,
        actions.exempt_customer,
        _("Exempt from now on."),
        f"/customers/{customer}/",
        customer_id=primary_key("cus", customer) or 0,
        country=request.POST.get("country", ""),
        tax_id=request.POST.get("tax_id", ""),
        valid_until=parse_date(request.POST.get("valid_until", "")),
    )


@require_POST
@page("customers.terms")
def end_exemption(request: StaffRequest, customer: str, pk: int) -> HttpResponse:
    """Let them bear tax again."""
    return take(
        request, actions.end_exemption, _("Saved."), f"/customers/{customer}/", exemption_id=pk
    )


@require_POST
@page("customers.edit")
def merge_customer(request: StaffRequest, customer: str) -> HttpResponse:
    """Make one of two customers: the one whose page it is stays."""
    return take(
        request,
        actions.merge_customers,
        _("They are one customer now."),
        f"/customers/{customer}/",
        kept_id=primary_key("cus", customer) or 0,
        gone_id=primary_key("cus", request.POST.get("other", "")) or 0,
    )


@require_POST
@page("customers.edit")
def unmerge_customer(request: StaffRequest, customer: str, pk: int) -> HttpResponse:
    """Take two customers apart again."""
    return take(
        request,
        actions.unmerge_customers,
        _("They are two customers again."),
        f"/customers/{customer}/",
        merge_id=pk,
    )


@page("audit.view")
def looks(request: StaffRequest) -> HttpResponse:
    """Who had personal data shown that is masked for them."""
    return show_list(request, LOOKS, crumbs=[("/settings/", _("Settings"))])


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
