"""The lists of stock: SKUs, documents, counts, transfers, bins, lots."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import django_filters
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.templatetags.show import ago, moment, pill, status_of
from erp.web.filters import AnyOf, ListFilter, Yes
from erp.web.lists import BulkVerb, Column, ListPage, Tab
from inventory import actions, queries
from inventory.models import (
    BinLevel,
    Lot,
    Place,
    Sku,
    StockCount,
    StockDocument,
    StockLevel,
    StockPolicy,
    Transfer,
)
from inventory.states import CountStatus, DocumentStatus, TransferStatus

LOW = 20  # units available, of a SKU without a reorder point


def shown_name(sku: Sku) -> str:
    """A SKU's name in the reader's language."""
    return sku.name_zh if get_language() == "zh-hans" and sku.name_zh else sku.name


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
            | Q(name_zh__icontains=text)
            | Q(barcode=text)
        )


def _skus(actor: Actor) -> QuerySet[Sku]:
    return Sku.objects.filter(is_active=True)


def _add_stock(rows: list[Any]) -> None:
    """Each SKU's figures over all warehouses, and when they are low, whatever their number."""
    stock = {row["sku"]: row for row in queries.availability(codes=[sku.code for sku in rows])}
    low = dict(
        StockPolicy.objects.filter(sku__in=rows, reorder_point__isnull=False)
        .values_list("sku_id")
        .annotate(Sum("reorder_point"))
    )
    for sku in rows:
        sku.stock = stock[sku.code]
        sku.low = low.get(sku.pk, LOW)


def state(sku: Any) -> tuple[str, Any]:
    """A SKU's state as a tone and a word."""
    if sku.is_service:
        return "service", _("Service")
    if sku.stock["available"] <= 0:
        return "short", _("Sold out")
    return ("pending", _("Low")) if sku.stock["available"] < sku.low else ("done", _("In stock"))


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
        Column(
            "state", gettext_lazy("State"), lambda s: pill(*state(s)), value=lambda s: state(s)[1]
        ),
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
    empty=gettext_lazy("No SKU here."),
    link=lambda s: f"/inventory/{quote(s.code, safe='')}/",
)


class DocumentFilter(ListFilter):
    status = AnyOf(choices=DocumentStatus.choices, label=gettext_lazy("State"))
    kind = AnyOf(choices=StockDocument.Kind.choices, label=gettext_lazy("Kind"))


def _documents(actor: Actor) -> QuerySet[StockDocument]:
    return (
        StockDocument.objects.filter(is_history=False)
        .select_related("warehouse", "by")
        .prefetch_related("lines__sku")
    )


def _lines(document: StockDocument) -> str:
    return ", ".join(
        f"{line.sku.code} {line.quantity_change:+}" for line in list(document.lines.all())[:3]
    )


DOCUMENTS = ListPage(
    name="stock-documents",
    path="/stock/documents/",
    title=gettext_lazy("Stock documents"),
    right="inventory.view",
    rows=_documents,
    columns=(
        Column(
            "id", gettext_lazy("Document"), lambda d: f"{d.get_kind_display()} {d.pk}", main=True
        ),
        Column(
            "status",
            gettext_lazy("State"),
            lambda d: status_of(d, "status"),
            value=lambda d: d.get_status_display(),
        ),
        Column("lines", gettext_lazy("Lines"), _lines),
        Column(
            "warehouse",
            gettext_lazy("Warehouse"),
            lambda d: d.warehouse.code if d.warehouse else "–",
        ),
        Column("reason", gettext_lazy("Reason"), lambda d: d.reason),
        Column("by", gettext_lazy("By"), lambda d: d.by.name),
        Column("at", gettext_lazy("When"), lambda d: ago(d.at), value=lambda d: moment(d.at)),
    ),
    order=("-id",),
    names="id",
    filters=DocumentFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("To approve"), "status=waiting"),
        Tab(gettext_lazy("Receipts"), "kind=receipt"),
        Tab(gettext_lazy("Adjustments"), "kind=adjustment,write_off"),
        Tab(gettext_lazy("Moves"), "kind=move"),
    ),
    bulk=(
        BulkVerb(
            "approve",
            gettext_lazy("Approve"),
            "inventory.approve",
            actions.approve_document,
            "document_id",
        ),
        BulkVerb(
            "reject",
            gettext_lazy("Reject"),
            "inventory.reject",
            actions.reject_document,
            "document_id",
            is_grave=True,
        ),
    ),
    empty=gettext_lazy("No document here. Receiving, adjusting and moving stock each write one."),
    link=lambda d: f"/stock/documents/{d.pk}/",
    create=("/stock/documents/new/", gettext_lazy("New document"), "inventory.view"),
)


class CountFilter(ListFilter):
    status = AnyOf(choices=CountStatus.choices, label=gettext_lazy("State"))


COUNTS = ListPage(
    name="counts",
    path="/stock/counts/",
    title=gettext_lazy("Stock counts"),
    right="inventory.view",
    rows=lambda actor: StockCount.objects.select_related("warehouse", "by"),
    columns=(
        Column("number", gettext_lazy("Count"), lambda c: c.number, main=True),
        Column(
            "status",
            gettext_lazy("State"),
            lambda c: status_of(c, "status"),
            value=lambda c: c.get_status_display(),
        ),
        Column("warehouse", gettext_lazy("Warehouse"), lambda c: c.warehouse.code),
        Column("scope", gettext_lazy("What"), lambda c: c.scope or _("Everything")),
        Column("by", gettext_lazy("By"), lambda c: c.by.name),
        Column(
            "created",
            gettext_lazy("Begun"),
            lambda c: ago(c.created_at),
            value=lambda c: moment(c.created_at),
        ),
    ),
    order=("-id",),
    names="number",
    filters=CountFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Counting"), "status=counting"),
        Tab(gettext_lazy("To approve"), "status=submitted"),
        Tab(gettext_lazy("Posted"), "status=posted"),
    ),
    empty=gettext_lazy("No count here. Count a few bins each day, and the stock stays true."),
    link=lambda c: f"/stock/counts/{c.number}/",
    create=("/stock/counts/new/", gettext_lazy("New count"), "inventory.count"),
)


class TransferFilter(ListFilter):
    status = AnyOf(choices=TransferStatus.choices, label=gettext_lazy("State"))


TRANSFERS = ListPage(
    name="transfers",
    path="/stock/transfers/",
    title=gettext_lazy("Transfers"),
    right="inventory.view",
    rows=lambda actor: Transfer.objects.select_related(
        "from_warehouse", "to_warehouse"
    ).prefetch_related("lines__sku"),
    columns=(
        Column("number", gettext_lazy("Transfer"), lambda t: t.number, main=True),
        Column(
            "status",
            gettext_lazy("State"),
            lambda t: status_of(t, "status"),
            value=lambda t: t.get_status_display(),
        ),
        Column("from", gettext_lazy("From"), lambda t: t.from_warehouse.code),
        Column("to", gettext_lazy("To"), lambda t: t.to_warehouse.code),
        Column(
            "lines",
            gettext_lazy("Lines"),
            lambda t: ", ".join(f"{x.sku.code} × {x.quantity}" for x in list(t.lines.all())[:3]),
        ),
        Column(
            "created",
            gettext_lazy("Written"),
            lambda t: ago(t.created_at),
            value=lambda t: moment(t.created_at),
        ),
    ),
    order=("-id",),
    names="number",
    filters=TransferFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Drafts"), "status=draft"),
        Tab(gettext_lazy("Under way"), "status=shipped,part_received"),
        Tab(gettext_lazy("Received"), "status=received,closed"),
    ),
    bulk=(
        BulkVerb(
            "ship", gettext_lazy("Ship"), "inventory.transfer", actions.ship_transfer, "transfer_id"
        ),
    ),
    empty=gettext_lazy("No transfer here."),
    link=lambda t: f"/stock/transfers/{t.number}/",
    create=("/stock/transfers/new/", gettext_lazy("New transfer"), "inventory.transfer"),
)


class BinFilter(ListFilter):
    kind = AnyOf(choices=Place.Kind.choices, label=gettext_lazy("Kind"))
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="named")

    def named(self, rows: QuerySet[Place], name: str, text: str) -> QuerySet[Place]:
        return rows.filter(Q(code__icontains=text) | Q(warehouse__code__iexact=text))


def _bins(actor: Actor) -> QuerySet[Place]:
    return Place.objects.filter(warehouse__isnull=False).select_related("warehouse", "zone")


def _add_contents(rows: list[Any]) -> None:
    """What lies in each place, in one statement."""
    held: dict[int, list[str]] = {}
    levels = BinLevel.objects.filter(place_id__in=[row.pk for row in rows], on_hand__gt=0)
    for level in levels.select_related("sku").order_by("place_id", "sku__code"):
        held.setdefault(level.place_id, []).append(f"{level.sku.code} × {level.on_hand}")
    for row in rows:
        row.contents = held.get(row.pk, [])


BINS = ListPage(
    name="bins",
    path="/stock/bins/",
    title=gettext_lazy("Bins"),
    right="inventory.view",
    rows=_bins,
    columns=(
        Column("code", gettext_lazy("Bin"), lambda p: p.code, main=True),
        Column("warehouse", gettext_lazy("Warehouse"), lambda p: p.warehouse.code),
        Column("zone", gettext_lazy("Zone"), lambda p: p.zone.code if p.zone else "–"),
        Column(
            "kind",
            gettext_lazy("Kind"),
            lambda p: p.get_use_display() if p.kind == "bin" else p.get_kind_display(),
        ),
        Column(
            "state",
            gettext_lazy("State"),
            lambda p: (
                pill("hold", _("Being counted"))
                if p.frozen_by_id
                else pill("done", _("In use"))
                if p.is_active
                else pill("expired", _("Off"))
            ),
            value=lambda p: p.is_active,
        ),
        Column(
            "contents",
            gettext_lazy("Holds"),
            lambda p: ", ".join(p.contents[:3]) + (" …" if len(p.contents) > 3 else ""),
        ),
    ),
    order=("warehouse_id", "code", "id"),
    names="code",
    filters=BinFilter,
    search=gettext_lazy("Bin or warehouse"),
    prepare=_add_contents,
    empty=gettext_lazy("No bin here."),
    link=lambda p: f"/stock/bins/{p.pk}/",
    create=("/stock/bins/new/", gettext_lazy("New bins"), "inventory.layout"),
)


class LotFilter(ListFilter):
    expiring = Yes(label=gettext_lazy("Within 30 days"), method="is_expiring")
    expired = Yes(label=gettext_lazy("Expired"), method="is_expired")
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="named")

    def is_expiring(self, rows: QuerySet[Lot], name: str, asked: str) -> QuerySet[Lot]:
        today = timezone.localdate()
        until = today + timedelta(days=30)
        return _held(rows).filter(expires_on__range=(today, until)) if asked else rows

    def is_expired(self, rows: QuerySet[Lot], name: str, asked: str) -> QuerySet[Lot]:
        return _held(rows).filter(expires_on__lt=timezone.localdate()) if asked else rows

    def named(self, rows: QuerySet[Lot], name: str, text: str) -> QuerySet[Lot]:
        return rows.filter(Q(code__icontains=text) | Q(sku__code__icontains=text))


def _held(rows: QuerySet[Lot]) -> QuerySet[Lot]:
    """Lots of which something is left inside."""
    return rows.filter(Exists(BinLevel.objects.filter(lot_id=OuterRef("pk"), on_hand__gt=0)))


def _add_units(rows: list[Any]) -> None:
    """What is left of each lot, by where, in one statement."""
    held: dict[int, list[tuple[str, int]]] = {}
    levels = BinLevel.objects.filter(lot_id__in=[row.pk for row in rows], on_hand__gt=0)
    for lot, place, units in levels.order_by("place__code").values_list(
        "lot_id", "place__code", "on_hand"
    ):
        held.setdefault(lot, []).append((place, units))
    for row in rows:
        row.places = held.get(row.pk, [])
        row.units = sum(units for _place, units in row.places)


def _keeps(lot: Any) -> tuple[str, Any]:
    """A lot's state as a tone and a word."""
    today = timezone.localdate()
    if not lot.units:
        return "expired", _("Used up")
    if lot.expires_on and lot.expires_on < today:
        return "failed", _("Expired")
    if lot.expires_on and lot.expires_on <= today + timedelta(days=lot.sku.sell_by_days + 30):
        return "hold", _("Expires soon")
    return "done", _("Good")


LOTS = ListPage(
    name="lots",
    path="/stock/lots/",
    title=gettext_lazy("Lots"),
    right="inventory.view",
    rows=lambda actor: Lot.objects.select_related("sku"),
    columns=(
        Column("code", gettext_lazy("Lot"), lambda x: x.code, main=True),
        Column("sku", "SKU", lambda x: x.sku.code),
        Column(
            "state", gettext_lazy("State"), lambda x: pill(*_keeps(x)), value=lambda x: _keeps(x)[1]
        ),
        Column(
            "expires",
            gettext_lazy("Expires on"),
            lambda x: x.expires_on.isoformat() if x.expires_on else "–",
        ),
        Column(
            "places",
            gettext_lazy("Where it lies"),
            lambda x: (
                ", ".join(f"{place} × {units}" for place, units in x.places[:3])
                + (" …" if len(x.places) > 3 else "")
            ),
        ),
        Column(
            "units",
            gettext_lazy("Units"),
            lambda x: f"{x.units:,}",
            value=lambda x: x.units,
            numeric=True,
        ),
    ),
    order=("-id",),
    names="code",
    filters=LotFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Within 30 days"), "expiring=1"),
        Tab(gettext_lazy("Expired"), "expired=1"),
    ),
    search=gettext_lazy("Lot or SKU"),
    prepare=_add_units,
    empty=gettext_lazy(
        "No lot here. SKUs that are tracked by lot have theirs here, with what expires when."
    ),
    link=lambda x: f"/inventory/{quote(x.sku.code, safe='')}/",
)
