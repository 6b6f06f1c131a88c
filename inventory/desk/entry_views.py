"""Shows the entry forms of stock documents: receipts, write-offs, returns to vendor."""

from collections.abc import Callable
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from erp.errors import Invalid
from erp.shapes import Words
from erp.visible import identifier
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from inventory.catalogue.models import Sku
from inventory.catalogue.pasted import pasted_lines, whole_number
from inventory.purchasing.models import Supplier
from inventory.stock.actions.adjust import return_to_vendor, write_off
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from inventory.stock.actions.split import split_level
from inventory.stock.codes import lots_named, places_named
from inventory.stock.lists import LOTS
from inventory.stock.models.places import Warehouse

KINDS: dict[str, tuple[Words, str, Callable[..., object]]] = {
    "write_off": (gettext_lazy("Write off"), "inventory.write_off", write_off),
    "vendor_return": (
        gettext_lazy("Return to vendor"),
        "inventory.receive",
        return_to_vendor,
    ),
    "receipt": (gettext_lazy("Receive"), "inventory.receive", receive_stock),
}


@page("inventory.view")
def new_document(request: StaffRequest) -> HttpResponse:
    """Write a document: its kind, where, why, and a SKU a line."""
    rights = request.actor.verbs
    if request.method == "POST":
        return _write(request)
    suppliers = Supplier.objects.filter(is_active=True).order_by("name")
    warehouses = Warehouse.objects.filter(is_active=True).order_by("priority", "code")
    return render(
        request,
        "inventory/desk/document_new.html",
        {
            "kinds": [
                (kind, name) for kind, (name, right, _do) in KINDS.items() if right in rights
            ],
            "chosen": request.GET.get("kind", ""),
            "warehouses": [(w.code, w.name) for w in warehouses],
            "suppliers": [("", "–"), *((s.code, s.name) for s in suppliers)],
            "lines": request.GET.get("lines", "")[:2000],
        },
    )


def _write(request: StaffRequest) -> HttpResponse:
    form = request.POST
    kind = KINDS.get(form.get("kind", ""))
    warehouse = Warehouse.objects.filter(code=form.get("warehouse", "")).first()
    if kind is None or warehouse is None:
        raise Http404
    code, lot = form.get("bin", "").strip(), identifier(form.get("lot", ""))
    place = places_named(warehouse, [code]).get(code)
    if code and place is None:
        raise Invalid(_("There is no such bin."))
    lines = pasted_lines(form.get("lines", ""))
    if lot:
        known = lots_named((line.sku_id, lot) for line in lines)
        if any((line.sku_id, lot) not in known for line in lines):
            raise Invalid(_("There is no such lot."))
    more: dict[str, object] = {"reason": form.get("reason", "").strip()[:200]}
    if form["kind"] == "vendor_return":
        supplier = Supplier.objects.filter(code=form.get("supplier", "")).first()
        if supplier is None:
            raise Invalid(_("There is no such supplier."))
        more["supplier_id"] = supplier.pk
    if form["kind"] == "receipt":
        more["reference"] = more["reason"]
    return take(
        request,
        kind[2],
        _("Document saved."),
        "/stock/documents/",
        warehouse_id=warehouse.pk,
        changes=[Change(x.sku_id, x.quantity, None, place, lot) for x in lines],
        **more,
    )


@page("inventory.view")
def lot_list(request: StaffRequest) -> HttpResponse:
    """Lots with what is left of each, and how long it keeps."""
    return show_list(request, LOTS)


@require_POST
@page("inventory.allot")
def split(request: StaffRequest, code: str) -> HttpResponse:
    """Spread a SKU's level over several rows for a flash sale, or join them again."""
    sku = Sku.objects.filter(code=code).first()
    warehouse = Warehouse.objects.filter(code=request.POST.get("warehouse", "")).first()
    if sku is None or warehouse is None:
        raise Http404
    return take(
        request,
        split_level,
        _("Saved."),
        f"/inventory/{quote(code, safe='')}/",
        sku_id=sku.pk,
        warehouse_id=warehouse.pk,
        parts=whole_number(request, "parts") or 1,
    )
