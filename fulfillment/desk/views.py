"""Shows the fulfillment board, the pick and pack pages and shipments."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.bounds import read_whole
from erp.errors import NotAllowed
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from fulfillment.desk.lists import SHIPMENTS, WORK
from fulfillment.packing import papers as packing_papers
from fulfillment.packing.actions import pack_parcel
from fulfillment.picking.actions import pick_order
from fulfillment.planning.models import FulfillmentOrder
from fulfillment.planning.queries import work_visible_to
from fulfillment.planning.states import FULFILLMENT_ORDER
from fulfillment.shipping.actions import ship_parcel
from fulfillment.tracking.queries import parcels_visible_to
from orders.customers.readers import Purpose, Reader, may_open, reader_at_work, reader_of
from orders.customers.views import open_paper
from orders.order.queries import shipping_address


@page("fulfillment.view")
def work_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, WORK)


@page("fulfillment.view")
def work_page(request: StaffRequest, pk: int) -> HttpResponse:
    """One fulfillment order: what to pick, the parcels, and the one next step."""
    work = _work(request, pk)
    return render(
        request,
        "fulfillment/desk/work.html",
        {
            "work": work,
            "lines": work.lines.select_related("order_line", "sku").order_by("sku__code"),
            "parcels": work.parcels.exclude(status="cancelled", shipped_at__isnull=True).order_by(
                "pk"
            ),
            "lacking": packing_papers.letters_without_font(work.order),
            "address": _reader(request, work).address(shipping_address(work.order_id)),
            "verbs": [] if work.order.open_holds else FULFILLMENT_ORDER.verbs_from(work.status),
            "rights": request.actor.verbs,
            "may_label": may_open(request.actor, Purpose.PACKING),
        },
    )


def _reader(request: StaffRequest, work: FulfillmentOrder) -> Reader:
    """Whoever packs sees where it goes until it has gone."""
    if work.status in {"shipped", "cancelled"}:
        return reader_of(request.actor)
    return reader_at_work(request.actor, Purpose.PACKING)


def _work(request: StaffRequest, pk: int) -> FulfillmentOrder:
    work = (
        work_visible_to(request.actor)
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
        return take(request, pick_order, _("Picked."), back, fulfillment_order_id=pk)
    if verb == "pack":
        return take(
            request,
            pack_parcel,
            _("Packed. Print the label and the slip."),
            back,
            fulfillment_order_id=pk,
            weight_g=read_whole(request.POST.get("weight_g", ""), "/weight_g"),
            packaging=request.POST.get("packaging", "")[:40],
        )
    if verb == "ship":
        parcel = work.parcels.filter(status="packed").order_by("pk").first()
        if parcel is None:
            raise Http404
        return take(
            request,
            ship_parcel,
            _("Shipped. The customer has been notified."),
            back,
            parcel_id=parcel.pk,
        )
    raise Http404


@page("fulfillment.view")
def shipment_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, SHIPMENTS)


@page("fulfillment.view")
def paper(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """A parcel's packing slip or label, in the customer's language.

    In clear for those who pack, which is recorded, and for who sees contacts. Others have the slip with a mask.
    """
    parcels = parcels_visible_to(request.actor)
    parcel = parcels.select_related("order", "fulfillment_order__warehouse").filter(pk=pk).first()
    if parcel is None or kind not in {"packing-slip", "label"}:
        raise Http404
    if kind == "label" and not may_open(request.actor, Purpose.PACKING):
        raise NotAllowed
    reader = open_paper(request, f"parcel:{pk}", kind, Purpose.PACKING)
    with translation.override(parcel.order.language):
        content = (
            packing_papers.shipping_label(parcel)
            if kind == "label"
            else packing_papers.packing_slip(parcel, reader)
        )
    name = f"{kind}-{parcel.tracking_number}.pdf"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
