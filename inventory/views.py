"""Stock in the dashboard: the list of SKUs, and each one's stock card."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_aware, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.web.lists import show_list
from erp.web.pages import StaffRequest, page, take
from erp.wiring import panels
from inventory import actions, queries
from inventory.actions import Change
from inventory.lists import SKUS, shown_name
from inventory.models import (
    BundlePart,
    Place,
    SerialUnit,
    Sku,
    SkuCost,
    StockPolicy,
    Warehouse,
)
from inventory.pasted import whole_number

MOVEMENTS = 60  # on a page of the stock card
SERIALS = 200
VALUED = 500  # rows of the valuation on the page; the API gives all


@page("inventory.view")
def sku_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, SKUS)


@page("inventory.view")
def sku_page(request: StaffRequest, code: str) -> HttpResponse:
    """The stock card: levels, places and lots now or at an instant, and what caused each movement.

    at      a local date and time: where the SKU lay then
    before  the movement that the page of movements ends at, so that history has no limit
    """
    sku = _sku(code)
    at = _instant(request.GET.get("at", ""))
    before = request.GET.get("before", "")
    movements = queries.movements_of(sku.pk)
    if at:
        movements = movements.filter(at__lte=at)
    if before.isdecimal() and len(before) < 19:
        movements = movements.filter(pk__lt=int(before))
    shown = list(movements[: MOVEMENTS + 1])
    rights = request.actor.verbs
    return render(
        request,
        "inventory/sku.html",
        {
            "sku": sku,
            "name": shown_name(sku),
            "stock": queries.availability(codes=[sku.code])[0],
            "places": queries.places_of(codes=[sku.code], at=at),
            "kinds": dict(Place.Kind.choices),
            "parts": BundlePart.objects.filter(bundle=sku).select_related("part"),
            "cost": SkuCost.objects.filter(sku=sku).first() if "costs.view" in rights else None,
            "policies": list(StockPolicy.objects.filter(sku=sku).select_related("warehouse")),
            "serials": SerialUnit.objects.filter(sku=sku).select_related("place")[:SERIALS]
            if sku.tracking == "serial"
            else [],
            "at": at,
            "movements": shown[:MOVEMENTS],
            "older": shown[MOVEMENTS - 1].pk if len(shown) > MOVEMENTS else None,
            "warehouses": Warehouse.objects.filter(is_active=True).order_by("priority"),
            "panels": [panel(request, sku.pk) for panel in panels("sku")],
            "rights": rights,
        },
    )


def _instant(text: str) -> datetime | None:
    """A local date, or date and time, as an instant; a date alone is its end."""
    try:
        found = parse_datetime(text) if "T" in text else None
        if found is None and (day := parse_date(text)):
            found = datetime.combine(day, time.max)
    except ValueError:
        return None
    if found is None or is_aware(found):
        return found
    return make_aware(found)


@require_POST
@page("inventory.allot")
def change_policy(request: StaffRequest, code: str) -> HttpResponse:
    """Set safety stock and reorder limits of a SKU in a warehouse."""
    sku = _sku(code)
    warehouse = Warehouse.objects.filter(code=request.POST.get("warehouse", "")).first()
    if warehouse is None:
        raise Http404
    return take(
        request,
        actions.set_policy,
        _("Saved."),
        f"/inventory/{quote(sku.code, safe='')}/",
        sku_id=sku.pk,
        warehouse_id=warehouse.pk,
        safety=whole_number(request, "safety") or 0,
        reorder_point=whole_number(request, "reorder_point"),
        order_up_to=whole_number(request, "order_up_to"),
    )


@page("costs.view")
def valuation(request: StaffRequest) -> HttpResponse:
    """What the stock is worth at the moving average, now or at an instant (`at`)."""
    at = _instant(request.GET.get("at", ""))
    rows = queries.valuation(at=at)
    currency = queries.own_currency()
    return render(
        request,
        "inventory/valuation.html",
        {
            "at": at,
            "rows": rows[:VALUED],
            "more": max(0, len(rows) - VALUED),
            "total": sum((row["value"] for row in rows), Decimal(0)),
            "units": sum(row["units"] for row in rows),
            "skus": len(rows),
            "currency": currency,
            "unknown": queries.without_cost()[:VALUED],
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
            request,
            actions.receive_stock,
            _("Received."),
            back,
            warehouse_id=warehouse.pk,
            changes=changes,
            reference=reason,
        )
    return take(
        request,
        actions.adjust_stock,
        _("Adjusted."),
        back,
        warehouse_id=warehouse.pk,
        changes=changes,
        reason=reason,
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


def _warehouse_fields(request: StaffRequest) -> dict[str, Any]:
    """What a form says of a warehouse; an empty limit is none."""
    empty = {"approval_over": None, "purchase_approval_over": None, "counts_per_night": 0}
    return {n: request.POST.get(n, "").strip() or empty.get(n, "") for n in WAREHOUSE_FIELDS}


@page("settings.view")
def warehouses(request: StaffRequest) -> HttpResponse:
    """The warehouses; a POST adds one with its places."""
    if request.method == "POST":
        fields = {"code": request.POST.get("code", "").strip(), **_warehouse_fields(request)}
        return take(request, actions.open_warehouse, _("Warehouse added."), request.path, **fields)
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
    fields = _warehouse_fields(request)
    fields["is_active"] = request.POST.get("is_active") == "1"
    return take(
        request,
        actions.change_warehouse,
        _("Saved."),
        "/settings/warehouses/",
        warehouse_id=pk,
        **fields,
    )
