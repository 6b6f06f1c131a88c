"""Stock in the dashboard: the list of SKUs, and each one's stock card."""

from typing import Any
from urllib.parse import quote

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.templatetags.show import pill
from erp.web.lists import Column, ListPage, Tab, show_list
from erp.web.pages import StaffRequest, page, take
from inventory import actions, queries
from inventory.actions import Change
from inventory.models import Sku, StockLevel, Warehouse


def shown_name(sku: Sku) -> str:
    """A SKU's name in the reader's language."""
    return sku.name_zh if get_language() == "zh-hans" and sku.name_zh else sku.name


def _state(sku: Any) -> str:
    if sku.is_service:
        return pill("service", _("Service"))
    if sku.stock["available"] <= 0:
        return pill("short", _("Sold out"))
    return (
        pill("pending", _("Low"))
        if sku.stock["available"] < 20
        else pill("done", _("In stock"))
    )


SKUS = ListPage(
    title=gettext_lazy("Inventory"),
    columns=(
        Column("SKU", lambda s: s.code, main=True),
        Column(gettext_lazy("Name"), lambda s: format_html("{}<span class='two'>{}</span>", shown_name(s), s.category)),
        Column(gettext_lazy("State"), _state),
        Column(gettext_lazy("On hand"), lambda s: f"{s.stock['on_hand']:,}", numeric=True),
        Column(gettext_lazy("Reserved"), lambda s: f"{s.stock['reserved']:,}", numeric=True),
        Column(gettext_lazy("Available"), lambda s: f"{s.stock['available']:,}", numeric=True),
    ),
    order=("id",),
    tabs=(Tab(gettext_lazy("All")), Tab(gettext_lazy("Short"), "short=1")),
    filters={"q": gettext_lazy("Search")},
    search=gettext_lazy("Code, name or barcode"),
    empty=gettext_lazy("No SKU here."),
    link=lambda s: f"/inventory/{quote(s.code, safe='')}/",
)  # fmt: skip


@page("inventory.view")
def sku_list(request: StaffRequest) -> HttpResponse:
    skus = Sku.objects.filter(is_active=True)
    text = request.GET.get("q", "").strip()
    if text:
        skus = skus.filter(
            Q(code__icontains=text)
            | Q(name__icontains=text)
            | Q(name_zh__icontains=text)
            | Q(barcode=text)
        )
    if request.GET.get("short"):
        enough = StockLevel.objects.filter(on_hand__gt=0, reserved=0, on_hand__gte=20).values(
            "sku_id"
        )
        skus = skus.filter(is_service=False).exclude(pk__in=enough)

    def prepare(rows: list[Sku]) -> None:
        stock = {
            row["sku"]: row for row in queries.availability(codes=[sku.code for sku in rows])
        }
        for sku in rows:
            sku.stock = stock[sku.code]  # type: ignore[attr-defined]

    return show_list(request, SKUS, skus, prepare=prepare)


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
