"""Lists SKUs with their stock."""

from urllib.parse import quote

import django_filters
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.filters import AnyOf, ListFilter, Yes
from erp.lists.page import Column, ListPage, Tab
from erp.shapes import Words
from erp.web.columns import state_column
from inventory.catalogue.models import Sku, StockPolicy
from inventory.stock.models.levels import StockLevel
from inventory.stock.queries import availability

LOW = 20  # units available, of a SKU without a reorder point


def _categories() -> list[tuple[str, str]]:
    names = Sku.objects.exclude(category="").order_by("category").values_list("category", flat=True)
    return [(name, name) for name in names.distinct()[:100]]


class SkuFilter(ListFilter):
    short = Yes(label=gettext_lazy("Short"), method="is_short")
    category = AnyOf(choices=_categories, label=gettext_lazy("Category"))
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="named")

    def is_short(self, skus: QuerySet[Sku], name: str, asked: str) -> QuerySet[Sku]:
        if not asked:
            return skus
        limits = StockPolicy.objects.filter(sku_id=OuterRef("sku_id")).values("sku_id")
        enough = (
            StockLevel.objects.filter(warehouse__is_active=True)
            .values("sku_id")
            .annotate(
                free=Sum(F("on_hand") - F("reserved")),
                safety=Coalesce(Subquery(limits.annotate(n=Sum("safety")).values("n")), 0),
                low=Coalesce(Subquery(limits.annotate(n=Sum("reorder_point")).values("n")), LOW),
            )
            .filter(free__gte=F("low") + F("safety"))
        )
        return skus.filter(is_service=False, parts=None).exclude(pk__in=enough.values("sku_id"))

    def named(self, skus: QuerySet[Sku], name: str, text: str) -> QuerySet[Sku]:
        return skus.filter(
            Q(code__icontains=text)
            | Q(name__icontains=text)
            | Q(translations__texts__icontains=text)
            | Q(barcode=text)
        )


def _skus(actor: Actor) -> QuerySet[Sku]:
    return Sku.objects.filter(is_active=True)


def _add_stock(rows: list[Sku]) -> None:
    """Each SKU's figures over all warehouses, and when they are low, whatever their number."""
    stock = {row["sku"]: row for row in availability(codes=[sku.code for sku in rows])}
    low = dict(
        StockPolicy.objects.filter(sku__in=rows, reorder_point__isnull=False)
        .values_list("sku_id")
        .annotate(Sum("reorder_point"))
    )
    for sku in rows:
        sku.stock = stock[sku.code]
        sku.low = low.get(sku.pk, LOW)


def state(sku: Sku) -> tuple[str, Words]:
    """A SKU's state as a tone and a word."""
    if sku.is_service:
        return "service", _("Service")
    if sku.stock["available"] <= 0:
        return "short", _("Sold out")
    return ("pending", _("Low")) if sku.stock["available"] < sku.low else ("done", _("In stock"))


def _name(sku: Sku) -> SafeString:
    return format_html("{}<span class='two'>{}</span>", sku.local_name, sku.category)


SKUS: ListPage[Sku] = ListPage(
    name="stock",
    path="/inventory/",
    title=gettext_lazy("Inventory"),
    right="inventory.view",
    rows=_skus,
    columns=(
        Column("code", "SKU", lambda s: s.code, main=True),
        Column(
            "name",
            gettext_lazy("Name"),
            _name,
            value=lambda s: s.local_name,
            second=(gettext_lazy("Category"), lambda s: s.category),
        ),
        Column("category", gettext_lazy("Category"), lambda s: s.category, extra=True),
        Column("barcode", gettext_lazy("Barcode"), lambda s: s.barcode, extra=True),
        state_column("state", gettext_lazy("State"), state),
        Column(
            "on_hand",
            gettext_lazy("On hand"),
            lambda s: f"{s.stock['on_hand']:,}",
            value=lambda s: s.stock["on_hand"],
            numeric=True,
        ),
        Column(
            "reserved",
            gettext_lazy("Reserved"),
            lambda s: f"{s.stock['reserved']:,}",
            value=lambda s: s.stock["reserved"],
            numeric=True,
        ),
        Column(
            "available",
            gettext_lazy("Available"),
            lambda s: f"{s.stock['available']:,}",
            value=lambda s: s.stock["available"],
            numeric=True,
        ),
    ),
    order=("id",),
    sorts={"code": ("code",)},
    names="code",
    filters=SkuFilter,
    tabs=(Tab(gettext_lazy("All")), Tab(gettext_lazy("Short"), "short=1")),
    search=gettext_lazy("Code, name or barcode"),
    prepare=_add_stock,
    empty=gettext_lazy("No SKUs yet."),
    link=lambda s: f"/inventory/{quote(s.code, safe='')}/",
)
