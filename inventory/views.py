"""Stock in the dashboard: the list of SKUs, and each one's stock card."""

from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.web.lists import show_list
from erp.web.pages import StaffRequest, page, take
from inventory import actions, queries
from inventory.actions import Change
from inventory.lists import SKUS, shown_name
from inventory.models import Sku, Warehouse


@page("inventory.view")
def sku_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, SKUS)


@page("inventory.view")
def sku_page(request: StaffRequest, code: str) -> HttpResponse:
    """The stock card: levels per warehouse, and every movement with what caused it."""
    sku = _sku(code)
    return render(
        request,
        "inventory/sku.html",
        {
            "sku": sku,
            "name": shown_name(sku),
            "stock": queries.availability(codes=[sku.code])[0],
            "movements": queries.movements_of(sku.pk)[:60],
            "warehouses": Warehouse.objects.filter(is_active=True).order_by("priority"),
            "may_receive": "inventory.receive" in request.actor.verbs,
            "may_adjust": "inventory.adjust" in request.actor.verbs,
        },
    )


def _sku(code: str) -> Sku:
    sku = Sku.objects.filter(code=code).first()
    if sku is None:
        raise Http404
    return sku


@require_POST
@page("inventory.view")
def change_stock(request: StaffRequest, code: str) -> HttpResponse:
    """Receive goods, or adjust what is on hand, from the stock card."""
    sku = _sku(code)
    back = f"/inventory/{quote(sku.code, safe='')}/"
    text = request.POST.get("quantity", "").strip()
    quantity = int(text) if text.lstrip("+-").isdecimal() and len(text) < 9 else 0
    warehouse = Warehouse.objects.filter(code=request.POST.get("warehouse", "")).first()
    if warehouse is None:
        raise Http404
    changes = [Change(sku.pk, quantity)]
    reason = request.POST.get("reason", "")
    if request.POST.get("kind") == "receive":
        return take(
            request, actions.receive_stock, _("Received."), back,
            warehouse_id=warehouse.pk, changes=changes, reference=reason,
        )  # fmt: skip
    return take(
        request, actions.adjust_stock, _("Adjusted."), back,
        warehouse_id=warehouse.pk, changes=changes, reason=reason,
    )  # fmt: skip


WAREHOUSE_FIELDS = ("name", "country", "region", "city", "line1", "postal_code", "phone", "time_zone", "cut_off", "priority")  # fmt: skip


@page("settings.view")
def warehouses(request: StaffRequest) -> HttpResponse:
    """The warehouses; a POST adds one with its places."""
    if request.method == "POST":
        fields = {n: request.POST.get(n, "").strip() for n in ("code", *WAREHOUSE_FIELDS)}
        return take(
            request, actions.open_warehouse, _("Warehouse added."), request.path, **fields
        )
    return render(
        request,
        "inventory/warehouses.html",
        {
            "warehouses": Warehouse.objects.order_by("priority", "code"),
            "may_edit": "settings.edit" in request.actor.verbs,
            "crumbs": [("/settings/", _("Settings"))],
        },
    )


@require_POST
@page("settings.edit")
def change_warehouse(request: StaffRequest, pk: int) -> HttpResponse:
    fields: dict[str, Any] = {n: request.POST.get(n, "").strip() for n in WAREHOUSE_FIELDS}
    fields["is_active"] = request.POST.get("is_active") == "1"
    return take(
        request, actions.change_warehouse, _("Saved."), "/settings/warehouses/",
        warehouse_id=pk, **fields,
    )  # fmt: skip
