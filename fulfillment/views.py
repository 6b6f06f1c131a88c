"""Fulfillment in the dashboard: the board, the pick and pack pages, shipments, public tracking."""

from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.access.models import Company
from erp.api.rates import client_address, within
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from fulfillment import actions, documents, queries
from fulfillment.lists import SHIPMENTS, WORK
from fulfillment.models import FulfillmentOrder, Parcel
from fulfillment.states import FULFILLMENT_ORDER
from orders.changes.actions.merge import merged_into
from orders.models import CustomerIdentity, Order, OrderAddress
from orders.order.document import tracking_signer

# Of finding an order without its link, in a minute: from one address, and of one order from anywhere.
TRIES_FROM_ADDRESS, TRIES_OF_ORDER = 10, 30


@page("fulfillment.view")
def work_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, WORK)


@page("fulfillment.view")
def work_page(request: StaffRequest, pk: int) -> HttpResponse:
    """One fulfillment order: what to pick, the parcels, and the one next step."""
    work = _work(request, pk)
    return render(
        request,
        "fulfillment/work.html",
        {
            "work": work,
            "lines": work.lines.select_related("order_line", "sku").order_by("sku__code"),
            "parcels": work.parcels.exclude(status="cancelled").order_by("pk"),
            "address": OrderAddress.objects.filter(order=work.order, kind="shipping").first(),
            "verbs": [] if work.order.open_holds else FULFILLMENT_ORDER.verbs_from(work.status),
            "rights": request.actor.verbs,
        },
    )


def _work(request: StaffRequest, pk: int) -> FulfillmentOrder:
    work = (
        queries.work_visible_to(request.actor)
        .select_related("order__customer", "warehouse")
        .filter(pk=pk)
        .first()
    )
    if work is None:
        raise Http404
    return work


@require_POST
@page("fulfillment.view")
def take_step(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    """Pick, pack or ship from the work page."""
    work = _work(request, pk)
    back = f"/fulfillment/{pk}/"
    if verb == "pick":
        return take(request, actions.pick_order, _("Picked."), back, fulfillment_order_id=pk)
    if verb == "pack":
        weight = request.POST.get("weight_g", "")
        return take(
            request,
            actions.pack_parcel,
            _("Packed. Print the label and the slip."),
            back,
            fulfillment_order_id=pk,
            weight_g=int(weight) if weight.isdecimal() else None,
            packaging=request.POST.get("packaging", "")[:40],
        )
    if verb == "ship":
        parcel = work.parcels.filter(status="packed").order_by("pk").first()
        if parcel is None:
            raise Http404
        return take(
            request,
            actions.ship_parcel,
            _("Shipped. The customer is told."),
            back,
            parcel_id=parcel.pk,
        )
    raise Http404


@page("fulfillment.view")
def shipment_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, SHIPMENTS)


@page("fulfillment.view")
def paper(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """A parcel's packing slip or label, in the customer's language."""
    parcels = queries.parcels_visible_to(request.actor)
    parcel = parcels.select_related("order", "fulfillment_order__warehouse").filter(pk=pk).first()
    make = {"packing-slip": documents.packing_slip, "label": documents.shipping_label}.get(kind)
    if parcel is None or make is None:
        raise Http404
    with translation.override(parcel.order.language):
        content = make(parcel)
    name = f"{kind}-{parcel.tracking_number}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


# Public tracking


@never_cache
def track(request: HttpRequest) -> HttpResponse:
    """Where an order is: by the signed link of a message, or number and e-mail, phone or postcode.

    A wrong number and a wrong address give the same answer, and guessing is slow.
    """
    token = request.GET.get("t", "")
    order, asked, status = None, False, 200
    if token:
        asked = True
        try:
            number = tracking_signer().unsign(token)
        except signing.BadSignature:
            number = ""
        order = Order.objects.filter(number=number).first()
    elif request.method == "POST":
        asked = True
        number = request.POST.get("number", "").strip().upper()
        if within(f"track:{client_address(request)}", TRIES_FROM_ADDRESS) and within(
            f"track:{number[:40]}", TRIES_OF_ORDER
        ):
            order = _known_to(number, request.POST.get("contact", ""))
        else:
            status = 429
        if order is not None:
            return redirect(f"/track/?t={tracking_signer().sign(order.number)}")
    if order is not None and order.status == "merged":
        order = merged_into(order) or order  # its goods come with the other's
    language = request.COOKIES.get("django_language") or (order.language if order else "")
    if language:
        translation.activate(language)
    response = render(
        request,
        "fulfillment/track.html",
        _tracked(order) | {"asked": asked, "too_often": status == 429},
        status=404 if asked and not order and status == 200 else status,
    )
    response["Referrer-Policy"] = "same-origin"  # without any, browsers post with Origin: null
    response["X-Robots-Tag"] = "noindex"
    return response


def _known_to(number: str, contact: str) -> Order | None:
    order = Order.objects.filter(number=number).first()
    contact = contact.strip().lower()
    if order is None or not contact:
        return None
    address = OrderAddress.objects.filter(order=order, kind="shipping").first()
    known = {i.value for i in CustomerIdentity.objects.filter(customer_id=order.customer_id)}
    if address:
        known |= {
            address.email.lower(),
            address.postal_code.lower(),
            address.phone,
            address.phone.lstrip("+"),
        }
    tail = contact.lstrip("+")
    matches = contact in known or any(
        len(tail) >= 7 and value.endswith(tail) for value in known if value
    )
    return order if matches else None


STEPS = (
    gettext_lazy("Confirmed"),
    gettext_lazy("Shipped"),
    gettext_lazy("On its way"),
    gettext_lazy("Delivered"),
)


def _tracked(order: Order | None) -> dict[str, Any]:
    if order is None:
        return {"order": None}
    parcels = list(
        Parcel.objects.filter(order=order, shipped_at__isnull=False)
        .prefetch_related("lines__order_line")
        .order_by("pk")
    )
    events = [
        (parcel, sorted(parcel.tracking.all(), key=lambda e: (e.at, e.pk), reverse=True))
        for parcel in parcels
    ]
    reached = 1 if order.status in {"confirmed", "completed"} else 0
    if parcels:
        reached = 2
    if any(
        p.status in {"in_transit", "out_for_delivery", "ready_for_pickup", "delivery_failed"}
        for p in parcels
    ):
        reached = 3
    if order.delivered_at:
        reached = 4
    return {
        "order": order,
        "lines": order.lines.order_by("position"),
        "parcels": events,
        "steps": [(label, index < reached) for index, label in enumerate(STEPS)],
        "company": Company.objects.filter(pk=1).first(),
    }
