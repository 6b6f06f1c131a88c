"""Documents of stock in the dashboard: receipts and adjustments, counts, transfers, bins and labels."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.errors import Invalid
from erp.once import perform
from erp.web.lists import show_list
from erp.web.pages import StaffRequest, page, take
from erp.wiring import CAUSES, resolve
from inventory import actions, papers
from inventory.lists import BINS, COUNTS, DOCUMENTS, TRANSFERS
from inventory.models import (
    BinLevel,
    Place,
    Sku,
    StockCount,
    StockDocument,
    StockMovement,
    Transfer,
    Warehouse,
)
from inventory.naming import places_named, skus_by_code
from inventory.pasted import pasted_lines
from inventory.states import COUNT, TRANSFER

MOST_LABELS = 500


def _warehouses() -> list[tuple[str, str]]:
    rows = Warehouse.objects.filter(is_active=True).order_by("priority", "code")
    return [(w.code, w.name) for w in rows]


def _warehouse(code: str) -> Warehouse:
    found = Warehouse.objects.filter(code=code).first()
    if found is None:
        raise Http404
    return found


def _one(rows: QuerySet[Any], **key: object) -> Any:
    found = rows.filter(**key).first()
    if found is None:
        raise Http404
    return found


# Receipts, adjustments, write-offs, moves


@page("inventory.view")
def document_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, DOCUMENTS)


@page("inventory.view")
def document_page(request: StaffRequest, pk: int) -> HttpResponse:
    """What somebody said about stock: its lines, and whether it has been approved."""
    document = _one(
        StockDocument.objects.select_related("warehouse", "by", "purchase", "supplier"), pk=pk
    )
    lines = document.lines.select_related("sku", "place", "to_place", "lot").order_by("pk")
    waits = document.status == "waiting"
    return render(
        request,
        "inventory/document.html",
        {
            "document": document,
            "lines": lines,
            "may_approve": waits and "inventory.approve" in request.actor.verbs,
            "may_reject": waits and "inventory.reject" in request.actor.verbs,
        },
    )


@require_POST
@page("inventory.view")
def document_step(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    """Approve or reject a document that waits."""
    steps: dict[str, tuple[Callable[..., Any], str]] = {
        "approve": (actions.approve_document, _("Approved and posted.")),
        "reject": (actions.reject_document, _("Rejected. Nothing was changed.")),
    }
    if verb not in steps:
        raise Http404
    action, done = steps[verb]
    return take(request, action, done, f"/stock/documents/{pk}/", document_id=pk)


# Counts


@page("inventory.view")
def count_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, COUNTS)


@page("inventory.count")
def new_count(request: StaffRequest) -> HttpResponse:
    """Begin a count: bins, SKUs or an ABC class."""
    if request.method == "POST":
        warehouse = _warehouse(request.POST.get("warehouse", ""))
        bin_codes = request.POST.get("bins", "").replace(",", " ").split()
        bins = places_named(warehouse, bin_codes)
        codes = [line.strip() for line in request.POST.get("skus", "").splitlines() if line.strip()]
        skus = skus_by_code(codes)
        unknown = [code for code in bin_codes if code not in bins]
        unknown += [code for code in codes if code not in skus]
        if unknown:
            raise Invalid(_("Neither bin nor SKU: %(codes)s.") % {"codes": ", ".join(unknown[:10])})
        made = perform(
            actions.start_count,
            warehouse_id=warehouse.pk,
            bin_ids=list(bins.values()),
            sku_ids=[sku.pk for sku in skus.values()],
            abc_class=request.POST.get("abc_class", "")[:1],
            is_blind=request.POST.get("is_blind") == "1",
            freezes=request.POST.get("freezes") == "1",
            by=request.actor,
            now=timezone.now(),
        )
        return redirect(f"/stock/counts/{made.number}/scan/")
    return render(
        request,
        "inventory/count_new.html",
        {
            "warehouses": _warehouses(),
            "classes": [("", "–"), ("A", "A"), ("B", "B"), ("C", "C")],
        },
    )


@page("inventory.view")
def count_page(request: StaffRequest, number: str) -> HttpResponse:
    """A count: what was found and, once it may be seen, what the ledger said."""
    count = _one(StockCount.objects.select_related("warehouse", "by"), number=number)
    lines = list(
        count.lines.select_related("place", "sku", "lot", "counted_by").order_by(
            "place__zone__pick_sequence",
            "place__pick_sequence",
            "place__code",
            "sku__code",
            "pk",
        )
    )
    rights = request.actor.verbs
    sees = not count.is_blind or count.status != "counting" or "inventory.approve" in rights
    return render(
        request,
        "inventory/count.html",
        {
            "count": count,
            "lines": lines,
            "done": sum(line.counted is not None for line in lines),
            "sees": sees,
            "verbs": COUNT.verbs_from(count.status),
            "rights": rights,
        },
    )


@require_POST
@page("inventory.view")
def count_step(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    """Submit, approve, ask again, or give a count up."""
    count = _one(StockCount.objects.all(), number=number)
    steps: dict[str, tuple[Callable[..., Any], str]] = {
        "submit": (actions.submit_count, _("Finished.")),
        "approve": (actions.approve_count, _("Posted.")),
        "recount": (actions.ask_recount, _("What differs is to be counted again.")),
        "cancel": (actions.cancel_count, _("Given up. Nothing was changed.")),
    }
    if verb not in steps:
        raise Http404
    action, done = steps[verb]
    return take(request, action, done, f"/stock/counts/{number}/", count_id=count.pk)


# Transfers


@page("inventory.view")
def transfer_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, TRANSFERS)


@page("inventory.transfer")
def new_transfer(request: StaffRequest) -> HttpResponse:
    """Write a transfer: from where, to where, one line per SKU."""
    if request.method == "POST":
        units: dict[int, int] = {}
        for line in pasted_lines(request.POST.get("lines", "")):
            units[line.sku_id] = units.get(line.sku_id, 0) + line.quantity
        made = perform(
            actions.draft_transfer,
            from_warehouse_id=_warehouse(request.POST.get("from", "")).pk,
            to_warehouse_id=_warehouse(request.POST.get("to", "")).pk,
            units=units,
            note=request.POST.get("note", "")[:200],
            by=request.actor,
            now=timezone.now(),
        )
        messages.success(request, _("Transfer written."))
        return redirect(f"/stock/transfers/{made.number}/")
    return render(
        request,
        "inventory/transfer_new.html",
        {"warehouses": _warehouses(), "lines": request.GET.get("lines", "")[:2000]},
    )


@page("inventory.view")
def transfer_page(request: StaffRequest, number: str) -> HttpResponse:
    """A transfer: what left, what arrived, what never did."""
    transfer = _one(
        Transfer.objects.select_related("from_warehouse", "to_warehouse", "by"), number=number
    )
    lines = list(transfer.lines.select_related("sku").order_by("pk"))
    for line in lines:
        line.under_way = line.quantity_shipped - line.quantity_received - line.quantity_lost
    return render(
        request,
        "inventory/transfer.html",
        {
            "transfer": transfer,
            "lines": lines,
            "verbs": TRANSFER.verbs_from(transfer.status),
            "may": "inventory.transfer" in request.actor.verbs,
        },
    )


@require_POST
@page("inventory.transfer")
def transfer_step(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    """Ship, receive (all, some, or the rest is lost), or give a transfer up."""
    transfer = _one(Transfer.objects.all(), number=number)
    back = f"/stock/transfers/{number}/"
    if verb == "ship":
        return take(request, actions.ship_transfer, _("On its way."), back, transfer_id=transfer.pk)
    if verb == "cancel":
        return take(request, actions.cancel_transfer, _("Given up."), back, transfer_id=transfer.pk)
    if verb != "receive":
        raise Http404
    units = {}
    for pk in transfer.lines.values_list("pk", flat=True):
        text = request.POST.get(f"units-{pk}", "").strip()
        units[pk] = int(text) if text.isdecimal() and len(text) < 8 else 0
    return take(
        request,
        actions.receive_transfer,
        _("Received."),
        back,
        transfer_id=transfer.pk,
        units=units,
        close=request.POST.get("close") == "1",
    )


# Bins and labels


@page("inventory.view")
def bin_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, BINS)


@page("inventory.layout")
def new_bins(request: StaffRequest) -> HttpResponse:
    """Add bins to a zone, in the order they are picked from."""
    if request.method == "POST":
        warehouse = _warehouse(request.POST.get("warehouse", ""))
        codes = request.POST.get("codes", "").replace(",", " ").split()
        return take(
            request,
            actions.add_bins,
            _("Bins added."),
            "/stock/bins/",
            warehouse_id=warehouse.pk,
            zone=request.POST.get("zone", ""),
            codes=codes,
            use=request.POST.get("use", ""),
        )
    return render(
        request,
        "inventory/bins_new.html",
        {"warehouses": _warehouses(), "uses": Place.Use.choices},
    )


@page("inventory.view")
def bin_page(request: StaffRequest, pk: int) -> HttpResponse:
    """What lies in a bin, and what moved in and out of it last."""
    place = _one(Place.objects.select_related("warehouse", "zone"), pk=pk, warehouse__isnull=False)
    if request.method == "POST":
        text = request.POST.get("pick_sequence", "").strip()
        return take(
            request,
            actions.change_bin,
            _("Saved."),
            request.path,
            place_id=pk,
            use=request.POST.get("use", place.use),
            pick_sequence=int(text) if text.isdecimal() and len(text) < 9 else 0,
            is_active=request.POST.get("is_active") == "1",
        )
    levels = BinLevel.objects.filter(place=place, on_hand__gt=0).select_related("sku")
    rows = list(levels.order_by("sku__code", "lot_id"))
    return render(
        request,
        "inventory/bin.html",
        {
            "place": place,
            "levels": rows,
            "may_edit": "inventory.layout" in request.actor.verbs and place.kind == "bin",
            "uses": Place.Use.choices,
        },
    )


@page("inventory.view")
def bin_labels(request: StaffRequest) -> HttpResponse:
    """Labels of a warehouse's bins as one PDF."""
    rows = Place.objects.filter(kind="bin", is_active=True).select_related("warehouse", "zone")
    if code := request.GET.get("warehouse", ""):
        rows = rows.filter(warehouse__code=code)
    rows = rows.order_by("warehouse_id", "pick_sequence", "pk")[:MOST_LABELS]
    return _labels("bins", [(p.code, p.code, f"{p.warehouse} {p.zone or ''}") for p in rows])


@page("inventory.view")
def sku_label(request: StaffRequest, code: str) -> HttpResponse:
    """A SKU's label, as many times as asked for (`copies`)."""
    sku = _one(Sku.objects.all(), code=code)
    text = request.GET.get("copies", "1")
    copies = min(int(text), MOST_LABELS) if text.isdecimal() and text != "0" else 1
    row = (sku.barcode or sku.code, sku.code, sku.name)
    return _labels(f"sku-{sku.pk}", [row] * copies)


def _labels(name: str, rows: list[tuple[str, str, str]]) -> HttpResponse:
    if not rows:
        raise Http404
    return HttpResponse(
        papers.labels(rows),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


@page("inventory.view")
def movement_source(request: StaffRequest, pk: int) -> HttpResponse:
    """Open the document behind a movement."""
    movement = _one(StockMovement.objects.all(), pk=pk)
    kind, cause = movement.cause_type, movement.cause_id
    where = None
    if not cause.isdecimal():
        raise Http404
    if kind in StockDocument.Kind.values:
        where = f"/stock/documents/{cause}/"
    elif kind == "count":
        where = f"/stock/counts/{_one(StockCount.objects.all(), pk=cause).number}/"
    elif kind == "transfer":
        where = f"/stock/transfers/{_one(Transfer.objects.all(), pk=cause).number}/"
    elif kind in CAUSES:
        where = resolve(CAUSES[kind])(int(cause))
    if where is None:
        raise Http404
    return redirect(where)
