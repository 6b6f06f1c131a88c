"""Shows the list of SKUs and each SKU's stock card."""

from datetime import datetime, time
from decimal import Decimal
from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_current_timezone, is_aware, make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.queries import own_currency
from erp.bounds import check_moment, read_moment, signed_whole
from erp.errors import Invalid
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from erp.wiring import CAUSES, panels, resolve
from inventory.catalogue.models import BundlePart, Sku, StockPolicy
from inventory.catalogue.pasted import whole_number
from inventory.counting.models import StockCount
from inventory.desk.lists import SKUS
from inventory.stock import queries as stock_queries
from inventory.stock.actions.adjust import adjust_stock
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.policies import set_policy
from inventory.stock.actions.receive import receive_stock
from inventory.stock.approvals import said_of
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.levels import SerialUnit, SkuCost, StockMovement
from inventory.stock.models.places import Place, Warehouse
from inventory.stock.queries import availability, movements_of, places_of, without_cost
from inventory.stock.views import _one

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
    movements = movements_of(sku.pk)
    if at:
        movements = movements.filter(at__lte=at)
    if before.isdecimal() and len(before) < 19:
        movements = movements.filter(pk__lt=int(before))
    shown = list(movements[: MOVEMENTS + 1])
    rights = request.actor.verbs
    return render(
        request,
        "inventory/desk/sku.html",
        {
            "sku": sku,
            "name": sku.local_name,
            "stock": availability(codes=[sku.code])[0],
            "places": places_of(codes=[sku.code], at=at),
            "kinds": dict(Place.Kind.choices),
            "parts": BundlePart.objects.filter(bundle=sku).select_related("part"),
            "currency": own_currency(),
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
    """A local date, or date and time, as an instant; a date alone is its end. Raises Invalid for what is neither."""
    if not text.strip():
        return None
    try:
        found = parse_datetime(text) if "T" in text else None
        if found is None and (day := parse_date(text)):
            found = datetime.combine(day, time.max)
    except ValueError:
        found = None
    if found is None:
        return read_moment(text, get_current_timezone(), "/at")
    instant = found if is_aware(found) else make_aware(found)
    check_moment(instant, "/at")
    return instant


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
        set_policy,
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
    rows = stock_queries.valuation(at=at)
    currency = own_currency()
    return render(
        request,
        "inventory/desk/valuation.html",
        {
            "at": at,
            "rows": rows[:VALUED],
            "more": max(0, len(rows) - VALUED),
            "total": sum((row["value"] for row in rows), Decimal(0)),
            "units": sum(row["units"] for row in rows),
            "skus": len(rows),
            "currency": currency,
            "unknown": without_cost()[:VALUED],
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
    text = request.POST.get("quantity", "")
    quantity = signed_whole(text, 7)
    if quantity is None:
        raise Invalid(_("“%(text)s” is not a whole number.") % {"text": text[:40]})
    warehouse = Warehouse.objects.filter(code=request.POST.get("warehouse", "")).first()
    if warehouse is None:
        raise Http404
    changes = [Change(sku.pk, quantity)]
    reason = request.POST.get("reason", "")
    if request.POST.get("kind") == "receive":
        return take(
            request,
            receive_stock,
            said_of(_("Received.")),
            back,
            warehouse_id=warehouse.pk,
            changes=changes,
            reference=reason,
        )
    return take(
        request,
        adjust_stock,
        said_of(_("Adjusted.")),
        back,
        warehouse_id=warehouse.pk,
        changes=changes,
        reason=reason,
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
    elif kind in CAUSES:
        where = resolve(CAUSES[kind])(int(cause))
    if where is None:
        raise Http404
    return redirect(where)
