"""The list of SKUs with their stock."""

from typing import Any
from urllib.parse import quote

import django_filters
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.templatetags.show import pill
from erp.web.filters import AnyOf, ListFilter, Yes
from erp.web.lists import Column, ListPage, Tab
from inventory import queries
from inventory.models import Sku, StockLevel

LOW = 20  # until reorder points are kept per SKU


def shown_name(sku: Sku) -> str:
    """A SKU's name in the reader's language."""
    return sku.name_zh if get_language() == "zh-hans" and sku.name_zh else sku.name


def _categories() -> list[tuple[str, str]]:
    names = (
        Sku.objects.exclude(category="").order_by("category").values_list("category", flat=True)
    )
    return [(name, name) for name in names.distinct()[:100]]


class SkuFilter(ListFilter):
    short = Yes(label=gettext_lazy("Short"), method="is_short")
    category = AnyOf(choices=_categories, label=gettext_lazy("Category"))
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="named")

    def is_short(self, skus: QuerySet[Sku], name: str, asked: str) -> QuerySet[Sku]:
        enough = StockLevel.objects.filter(on_hand__gt=0, reserved=0, on_hand__gte=LOW)
        return (
            skus.filter(is_service=False).exclude(pk__in=enough.values("sku_id"))
            if asked
            else skus
        )

    def named(self, skus: QuerySet[Sku], name: str, text: str) -> QuerySet[Sku]:
        return skus.filter(
            Q(code__icontains=text)
            | Q(name__icontains=text)
            | Q(name_zh__icontains=text)
            | Q(barcode=text)
        )


def _skus(actor: Actor) -> QuerySet[Sku]:
    return Sku.objects.filter(is_active=True)


def _add_stock(rows: list[Any]) -> None:
    """Each SKU's figures over all warehouses, in one statement."""
    stock = {row["sku"]: row for row in queries.availability(codes=[sku.code for sku in rows])}
    for sku in rows:
        sku.stock = stock[sku.code]


def state(sku: Any) -> tuple[str, Any]:
    """A SKU's state as a tone and a word."""
    if sku.is_service:
        return "service", _("Service")
    if sku.stock["available"] <= 0:
        return "short", _("Sold out")
    return ("pending", _("Low")) if sku.stock["available"] < LOW else ("done", _("In stock"))


def _name(sku: Sku) -> SafeString:
    return format_html("{}<span class='two'>{}</span>", shown_name(sku), sku.category)


SKUS = ListPage(
    name="stock",
    path="/inventory/",
    title=gettext_lazy("Inventory"),
    right="inventory.view",
    rows=_skus,
    columns=(
        Column("code", "SKU", lambda s: s.code, main=True),
        Column("name", gettext_lazy("Name"), _name, value=shown_name),
        Column("category", gettext_lazy("Category"), lambda s: s.category, extra=True),
        Column("barcode", gettext_lazy("Barcode"), lambda s: s.barcode, extra=True),
        Column("state", gettext_lazy("State"), lambda s: pill(*state(s)), value=lambda s: state(s)[1]),
        Column("on_hand", gettext_lazy("On hand"), lambda s: f"{s.stock['on_hand']:,}", value=lambda s: s.stock["on_hand"], numeric=True),
        Column("reserved", gettext_lazy("Reserved"), lambda s: f"{s.stock['reserved']:,}", value=lambda s: s.stock["reserved"], numeric=True),
        Column("available", gettext_lazy("Available"), lambda s: f"{s.stock['available']:,}", value=lambda s: s.stock["available"], numeric=True),
    ),
    order=("id",),
    sorts={"code": ("code",)},
    names="code",
    filters=SkuFilter,
    tabs=(Tab(gettext_lazy("All")), Tab(gettext_lazy("Short"), "short=1")),
    search=gettext_lazy("Code, name or barcode"),
    prepare=_add_stock,
    empty=gettext_lazy("No SKU here."),
    link=lambda s: f"/inventory/{quote(s.code, safe='')}/",
)  # fmt: skip
