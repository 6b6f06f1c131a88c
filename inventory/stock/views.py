"""Shows stock documents, bins, labels and warehouses in the dashboard."""

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.bounds import read_whole
from erp.form_rows import as_shown
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from erp.web.verbs import offers
from erp.wiring import CAUSES, resolve
from inventory.catalogue.models import Sku
from inventory.stock.actions import places
from inventory.stock.actions.places import add_bins, change_bin, open_warehouse
from inventory.stock.lists import BINS, DOCUMENTS
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.levels import BinLevel
from inventory.stock.models.places import Place, Warehouse
from inventory.stock.papers import labels

MOST_LABELS = 500


def _warehouses() -> list[tuple[str, str]]:
    rows = Warehouse.objects.filter(is_active=True).order_by("priority", "code")
    return [(w.code, w.name) for w in rows]


M = TypeVar("M", bound=Model)


def _warehouse(code: str) -> Warehouse:
    found = Warehouse.objects.filter(code=code).first()
    if found is None:
        raise Http404
    return found


def _one(rows: QuerySet[M], **key: object) -> M:
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
    return render(
        request,
        "inventory/stock/document.html",
        {
            "document": document,
            "lines": lines,
            "source": _source(document),
            "offers": offers("stock_document", document, None, request.actor),
        },
    )


def _source(document: StockDocument) -> str | None:
    """The page of the transfer or return that lost what a write-off is of; None of any other document."""
    page_of = CAUSES.get(document.cause_type)
    found: str | None = resolve(page_of)(int(document.cause_id)) if page_of else None
    return found


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
            add_bins,
            _("Bins added."),
            "/stock/bins/",
            warehouse_id=warehouse.pk,
            zone=request.POST.get("zone", ""),
            codes=codes,
            use=request.POST.get("use", ""),
        )
    return render(
        request,
        "inventory/stock/bins_new.html",
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
            as_shown(request.POST, place, change_bin, ["use", "pick_sequence"], ["is_active"]),
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
        "inventory/stock/bin.html",
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
    copies = min(read_whole(request.GET.get("copies", ""), "?copies") or 1, MOST_LABELS)
    row = (sku.barcode or sku.code, sku.code, sku.name)
    return _labels(f"sku-{sku.pk}", [row] * copies)


def _labels(name: str, rows: list[tuple[str, str, str]]) -> HttpResponse:
    if not rows:
        raise Http404
    return HttpResponse(
        labels(rows),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


WAREHOUSE_FIELDS = (
    "name",
    "country",
    "region",
    "city",
    "line1",
    "postal_code",
    "phone",
    "time_zone",
    "cut_off",
    "priority",
    "approval_over",
    "purchase_approval_over",
    "counts_per_night",
)


def _warehouse_fields(request: StaffRequest) -> dict[str, object]:
    """What a form says of a warehouse; an empty limit is none."""
    empty = {"approval_over": None, "purchase_approval_over": None, "counts_per_night": 0}
    return {n: request.POST.get(n, "").strip() or empty.get(n, "") for n in WAREHOUSE_FIELDS}


@page("settings.view", is_sensitive=True, changed_by="settings.edit")
def warehouses(request: StaffRequest) -> HttpResponse:
    """The warehouses; a POST adds one with its places."""
    if request.method == "POST":
        fields = {"code": request.POST.get("code", "").strip(), **_warehouse_fields(request)}
        return take(request, open_warehouse, _("Warehouse added."), request.path, **fields)
    return render(
        request,
        "inventory/stock/warehouses.html",
        {
            "warehouses": Warehouse.objects.order_by("priority", "code"),
            "may_edit": "settings.edit" in request.actor.verbs,
            "crumbs": [("/settings/", _("Settings"))],
        },
    )


@require_POST
@page("settings.edit", is_sensitive=True)
def change_warehouse(request: StaffRequest, pk: int) -> HttpResponse:
    warehouse = _one(Warehouse.objects.all(), pk=pk)
    fields = _warehouse_fields(request)
    fields["is_active"] = request.POST.get("is_active") == "1"
    return take(
        request,
        as_shown(request.POST, warehouse, places.change_warehouse, WAREHOUSE_FIELDS, ["is_active"]),
        _("Saved."),
        "/settings/warehouses/",
        warehouse_id=pk,
        **fields,
    )
