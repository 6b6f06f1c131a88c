"""Suggests customers, SKUs and addresses while an order is typed."""

from django.db.models import Q, prefetch_related_objects
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.ids import public_id
from erp.web.pages import StaffRequest, page
from inventory.models import Sku
from inventory.stock.queries import availability
from orders.customers.api import as_address, below
from orders.customers.chinese_addresses import read_address
from orders.customers.models import Customer
from orders.customers.readers import Reader, reader_of
from orders.customers.search import customers_found
from orders.order.models.order import Order, OrderAddress
from orders.order.queries import (
    customers_visible_to,
    orders_visible_to,
)
from orders.order.search import NEWEST_FIRST, searched

SUGGESTED = 6


LEAST = 0.3  # of confidence: what is understood less fills no field


@never_cache
@page("orders.place")
def suggest_customers(request: StaffRequest) -> HttpResponse:
    """Customers by the end of a phone number, a name or an e-mail, with their last address."""
    text, reader = request.GET.get("q", "").strip(), reader_of(request.actor)
    found: list[Customer] = []
    if len(text) >= 2 and reader.is_clear:
        found = _customers_called(request, text)
    last = {}
    orders = (
        Order.objects.filter(customer__in=found)
        .annotate(
            is_proven=~Q(customer_proof="")
        )  # anybody can have stated the others, and where they went
        .order_by("customer", "-is_proven", "-placed_at")
        .distinct("customer")
    )
    for address in OrderAddress.objects.filter(order__in=orders, kind="shipping").select_related(
        "order"
    ):
        last[address.order.customer_id] = reader.address(address)
    hits = [
        (
            public_id("cus", customer.pk),
            reader.name(customer.name),
            last.get(customer.pk),
            {"phone": "", "email": ""} | _known(customer, reader),
        )
        for customer in found
    ]
    return render(request, "orders/desk/suggest_customers.html", {"hits": hits})


def _known(customer: Customer, reader: Reader) -> dict[str, str]:
    """A customer's contacts, one of each kind: a proven one, else what they were made of; none that an order added."""
    known = [i for i in customer.identities.all() if i.proven_at is not None or i.is_founding]
    rows = sorted(known, key=lambda i: (i.proven_at is None, i.pk))
    return {i.kind: reader.identity(i.kind, i.value) for i in reversed(rows)}


def _customers_called(request: StaffRequest, text: str) -> list[Customer]:
    """Customers known by a text, then those who had something sent to such a phone number."""
    found: dict[int, Customer] = {}
    everybody = customers_visible_to(request.actor)
    for way in customers_found(everybody, {"q": text}, page=SUGGESTED):
        found |= {c.pk: c for c in way.order_by("-pk")[:SUGGESTED]}
    if len(found) < SUGGESTED and text.lstrip("+").replace(" ", "").isdecimal():
        orders = orders_visible_to(request.actor).select_related("customer")
        for ways in searched(orders, text, page=SUGGESTED):
            newest = ways.order_by(*NEWEST_FIRST)[:SUGGESTED]
            found |= {order.customer_id: order.customer for order in newest}
    chosen = list(found.values())[:SUGGESTED]
    prefetch_related_objects(chosen, "identities")
    return chosen


@never_cache
@page("orders.place")
def suggest_skus(request: StaffRequest) -> HttpResponse:
    """SKUs by code, name or barcode, with what is available now."""
    text = request.GET.get("q", "").strip()
    skus = Sku.objects.filter(is_active=True).filter(
        Q(code__istartswith=text)
        | Q(name__icontains=text)
        | Q(translations__texts__icontains=text)
        | Q(barcode=text)
    )
    found = list(skus.order_by("code")[:SUGGESTED]) if text else []
    stock = {row["sku"]: row["available"] for row in availability(codes=[s.code for s in found])}
    hits = [(sku, sku.local_name, stock.get(sku.code, 0)) for sku in found]
    return render(request, "orders/desk/suggest_skus.html", {"hits": hits})


@require_POST
@page("orders.place")
def read_pasted(request: StaffRequest) -> JsonResponse:
    """A Chinese address pasted as free text, as the form's fields; and how far it was understood."""
    found = read_address(request.POST.get("text", ""))
    fields = {name: value for name, value in as_address(found).items() if value}
    names = {
        "name": _("Name"),
        "phone": _("Phone"),
        "region": _("Region"),
        "city": _("City"),
        "district": _("District"),
        "street": _("Street"),
    }
    missing = ", ".join(str(names[name]) for name in found.missing)
    hint = (
        _("Address recognised.")
        if not missing
        else _("Please check; not found: %(fields)s") % {"fields": missing}
    )
    return JsonResponse({"fields": fields if found.confidence >= LEAST else {}, "hint": hint})


@page("orders.place")
def list_divisions(request: StaffRequest) -> JsonResponse:
    """The names one level below, for the fields of region, city and street."""
    return JsonResponse(
        {"names": below(request.GET.get("region", ""), request.GET.get("city", ""))}
    )
