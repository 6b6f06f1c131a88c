"""Shows purchase orders and suppliers in the dashboard."""

from datetime import date
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.queries import own_currency
from erp.bounds import read_day, read_whole
from erp.form_rows import as_shown
from erp.once import perform
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from erp.web.verbs import offers
from erp.wiring import panels
from inventory.catalogue.pasted import pasted_lines
from inventory.purchasing.actions.purchase import Wanted, draft_purchase
from inventory.purchasing.actions.suppliers import SAID_OF_SUPPLIERS, save_supplier, save_term
from inventory.purchasing.lists import PURCHASES, SUPPLIERS
from inventory.purchasing.models import PurchaseOrder, Supplier, SupplierTerm
from inventory.purchasing.papers import purchase_order
from inventory.purchasing.queries import why_not_approved
from inventory.purchasing.states import PURCHASE
from inventory.purchasing.verbs import decimal_named
from inventory.purchasing.wording import sentences
from inventory.stock.models.places import Warehouse


@page("purchasing.view")
def purchase_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, PURCHASES)


@page("purchasing.edit")
def new_purchase(request: StaffRequest) -> HttpResponse:
    """Write a purchase order by hand: supplier, warehouse, one line per SKU."""
    if request.method == "POST":
        supplier = Supplier.objects.filter(code=request.POST.get("supplier", "")).first()
        warehouse = Warehouse.objects.filter(code=request.POST.get("warehouse", "")).first()
        if supplier is None or warehouse is None:
            raise Http404
        wanted = [
            Wanted(line.sku_id, line.quantity, line.price)
            for line in pasted_lines(request.POST.get("lines", ""), with_price=True)
        ]
        purchase = perform(
            draft_purchase,
            supplier_id=supplier.pk,
            warehouse_id=warehouse.pk,
            wanted=wanted,
            note=request.POST.get("note", "")[:500],
            expected_on=_day(request, "expected_on"),
            by=request.actor,
            now=timezone.now(),
        )
        messages.success(request, _("Purchase order created."))
        return redirect(f"/purchasing/{purchase.number}/")
    return render(
        request,
        "inventory/purchasing/purchase_new.html",
        {
            "suppliers": [
                (s.code, s.name) for s in Supplier.objects.filter(is_active=True).order_by("name")
            ],
            "warehouses": _warehouses(),
        },
    )


def _warehouses() -> list[tuple[str, str]]:
    rows = Warehouse.objects.filter(is_active=True).order_by("priority", "code")
    return [(w.code, w.name) for w in rows]


def _day(request: StaffRequest, name: str) -> date | None:
    return read_day(request.POST.get(name, ""), f"/{name}")


def _purchase(number: str) -> PurchaseOrder:
    found = (
        PurchaseOrder.objects.select_related("supplier", "warehouse", "by")
        .filter(number=number)
        .first()
    )
    if found is None:
        raise Http404
    return found


@page("purchasing.view")
def purchase_page(request: StaffRequest, number: str) -> HttpResponse:
    """A purchase order: its lines and how far they are, its papers, and the next step."""
    purchase = _purchase(number)
    lines = list(purchase.lines.select_related("sku").order_by("pk"))
    for line in lines:
        line.sentences = sentences(line.reasons)
    own = own_currency()
    return render(
        request,
        "inventory/purchasing/purchase.html",
        {
            "purchase": purchase,
            "lines": lines,
            "verbs": PURCHASE.verbs_from(purchase.status),
            "offers": offers("purchase_order", purchase, None, request.actor),
            "rights": request.actor.verbs,
            "is_late": purchase.expected_on is not None
            and purchase.status in {"sent", "acknowledged", "part_received"}
            and purchase.expected_on < timezone.localdate(),
            "foreign": purchase.currency != own,
            "hindrance": why_not_approved(purchase, request.actor, timezone.now())
            if purchase.status == PURCHASE.initial
            and "purchasing.approve" not in request.actor.verbs
            else "",
            "receipts": purchase.stockdocument_set.order_by("-pk")[:20],
            "panels": [panel(request, purchase) for panel in panels("purchase")],
        },
    )


@page("purchasing.view")
def purchase_pdf(request: StaffRequest, number: str) -> HttpResponse:
    """The purchase order as its supplier gets it."""
    purchase = _purchase(number)
    return HttpResponse(
        purchase_order(purchase),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{purchase.number}.pdf"'},
    )


@page("purchasing.view")
def supplier_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, SUPPLIERS)


@page("purchasing.edit")
def new_supplier(request: StaffRequest) -> HttpResponse:
    """Add a supplier."""
    if request.method == "POST":
        fields = _supplier_fields(request)
        code = request.POST.get("code", "").strip()
        perform(save_supplier, code=code, by=request.actor, now=timezone.now(), **fields)
        messages.success(request, _("Supplier added."))
        return redirect(f"/purchasing/suppliers/{quote(code, safe='')}/")
    return render(request, "inventory/purchasing/supplier_new.html", {"supplier": Supplier()})


def _supplier_fields(request: StaffRequest) -> dict[str, object]:
    said = {name: request.POST[name].strip() for name in SAID_OF_SUPPLIERS if name in request.POST}
    fields: dict[str, object] = {**said}
    for name in {"lead_time_days", "review_days"} & said.keys():
        fields[name] = read_whole(said[name], f"/{name}")
    if "min_order_value" in said:
        fields["min_order_value"] = decimal_named(said["min_order_value"], "/min_order_value")
    return fields


def _supplier(code: str) -> Supplier:
    found = Supplier.objects.filter(code=code).first()
    if found is None:
        raise Http404
    return found


@page("purchasing.view")
def supplier_page(request: StaffRequest, code: str) -> HttpResponse:
    """A supplier: contact, conditions, what they ask for each SKU, and what is on order."""
    supplier = _supplier(code)
    terms = SupplierTerm.objects.filter(supplier=supplier).select_related("sku")
    return render(
        request,
        "inventory/purchasing/supplier.html",
        {
            "supplier": supplier,
            "terms": terms.order_by("sku__code", "min_quantity")[:500],
            "purchases": supplier.orders.select_related("warehouse").order_by("-pk")[:10],
            "may_edit": "purchasing.edit" in request.actor.verbs,
        },
    )


@require_POST
@page("purchasing.edit")
def change_supplier(request: StaffRequest, code: str) -> HttpResponse:
    """Change a supplier, or add terms for SKUs."""
    supplier = _supplier(code)
    back = f"/purchasing/suppliers/{quote(code, safe='')}/"
    if request.POST.get("what") == "term":
        lines = pasted_lines(request.POST.get("sku", "") + " 1", with_price=False)
        fields: dict[str, object] = {
            "unit_price": decimal_named(request.POST.get("unit_price", "").strip(), "/unit_price"),
            "supplier_sku": request.POST.get("supplier_sku", "").strip()[:80],
        }
        for name in ("min_quantity", "pack_size", "moq"):
            said = read_whole(request.POST.get(name, ""), f"/{name}")
            fields[name] = 1 if said is None else said
        return take(
            request,
            save_term,
            _("Saved."),
            back,
            supplier_id=supplier.pk,
            sku_id=lines[0].sku_id,
            **fields,
        )
    return take(
        request,
        as_shown(
            request.POST,
            supplier,
            save_supplier,
            SAID_OF_SUPPLIERS,
            ["is_active", "orders_itself"],
        ),
        _("Saved."),
        back,
        supplier_id=supplier.pk,
        is_active=request.POST.get("is_active") == "1",
        orders_itself=request.POST.get("orders_itself") == "1",
        **_supplier_fields(request),
    )
