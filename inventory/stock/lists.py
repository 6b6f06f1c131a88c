"""Lists stock documents, bins and lots."""

from datetime import timedelta
from urllib.parse import quote

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.filters import AnyOf, ListFilter, Yes
from erp.lists.page import Column, ListPage, Tab
from erp.shapes import Words
from erp.web.columns import day_column, lines_column, state_column, text_column, time_column
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.levels import BinLevel, Lot
from inventory.stock.models.places import Place
from inventory.stock.queries import documents_visible_to
from inventory.stock.states import DocumentStatus


class DocumentFilter(ListFilter):
    status = AnyOf(choices=DocumentStatus.choices, label=gettext_lazy("State"))
    kind = AnyOf(choices=StockDocument.Kind.choices, label=gettext_lazy("Kind"))


def _documents(actor: Actor) -> QuerySet[StockDocument]:
    return (
        documents_visible_to(actor)
        .filter(is_history=False)
        .select_related("warehouse", "by")
        .prefetch_related("lines__sku")
    )


DOCUMENTS: ListPage[StockDocument] = ListPage(
    name="stock-documents",
    path="/stock/documents/",
    title=gettext_lazy("Stock documents"),
    right="inventory.view",
    rows=_documents,
    columns=(
        Column(
            "id",
            gettext_lazy("Document"),
            lambda d: f"{d.get_kind_display()} {d.pk}",
            main=True,
            value=lambda d: d.pk,
            second=(gettext_lazy("Kind"), lambda d: d.get_kind_display()),
        ),
        state_column("status", gettext_lazy("State"), "status"),
        lines_column(
            "lines",
            gettext_lazy("Lines"),
            (("SKU", False), (gettext_lazy("Quantity"), True)),
            lambda d: [(x.sku.code, x.quantity_change) for x in d.lines.all()],
            form="{} {:+}",
        ),
        text_column(
            "warehouse",
            gettext_lazy("Warehouse"),
            lambda d: d.warehouse.code if d.warehouse else "",
        ),
        Column("reason", gettext_lazy("Reason"), lambda d: d.reason),
        Column("by", gettext_lazy("By"), lambda d: d.by.name),
        time_column("at", gettext_lazy("When"), lambda d: d.at),
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
    noun="stock_document",
    empty=gettext_lazy("No documents yet. Receiving, adjusting and moving stock each create one."),
    link=lambda d: f"/stock/documents/{d.pk}/",
    create=("/stock/documents/new/", gettext_lazy("New document"), "inventory.view"),
)


class BinFilter(ListFilter):
    kind = AnyOf(choices=Place.Kind.choices, label=gettext_lazy("Kind"))
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="named")

    def named(self, rows: QuerySet[Place], name: str, text: str) -> QuerySet[Place]:
        return rows.filter(Q(code__icontains=text) | Q(warehouse__code__iexact=text))


def _bins(actor: Actor) -> QuerySet[Place]:
    return Place.objects.filter(warehouse__isnull=False).select_related("warehouse", "zone")


def _add_contents(rows: list[Place]) -> None:
    """What lies in each place, in one statement."""
    held: dict[int, list[tuple[str, int]]] = {}
    levels = BinLevel.objects.filter(place_id__in=[row.pk for row in rows], on_hand__gt=0)
    for level in levels.select_related("sku").order_by("place_id", "sku__code"):
        held.setdefault(level.place_id, []).append((level.sku.code, level.on_hand))
    for row in rows:
        row.contents = held.get(row.pk, [])


def _use(place: Place) -> tuple[str, Words]:
    """A bin's state as a tone and a word."""
    if place.frozen_by_id:
        return "hold", _("Being counted")
    return ("done", _("In use")) if place.is_active else ("expired", _("Off"))


BINS: ListPage[Place] = ListPage(
    name="bins",
    path="/stock/bins/",
    title=gettext_lazy("Bins"),
    right="inventory.view",
    rows=_bins,
    columns=(
        Column("code", gettext_lazy("Bin"), lambda p: p.code, main=True),
        Column(
            "warehouse",
            gettext_lazy("Warehouse"),
            lambda p: p.warehouse.code if p.warehouse else "",
        ),
        text_column("zone", gettext_lazy("Zone"), lambda p: p.zone.code if p.zone else ""),
        Column(
            "kind",
            gettext_lazy("Kind"),
            lambda p: p.get_use_display() if p.kind == "bin" else p.get_kind_display(),
        ),
        state_column("state", gettext_lazy("State"), _use),
        lines_column(
            "contents",
            gettext_lazy("Holds"),
            (("SKU", False), (gettext_lazy("Quantity"), True)),
            lambda p: p.contents,
        ),
    ),
    order=("warehouse_id", "code", "id"),
    names="code",
    filters=BinFilter,
    search=gettext_lazy("Bin or warehouse"),
    prepare=_add_contents,
    empty=gettext_lazy("No bins yet."),
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


def _add_units(rows: list[Lot]) -> None:
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


def _keeps(lot: Lot) -> tuple[str, Words]:
    """A lot's state as a tone and a word."""
    today = timezone.localdate()
    if not lot.units:
        return "expired", _("Empty lots")
    if lot.expires_on and lot.expires_on < today:
        return "failed", _("Expired")
    if lot.expires_on and lot.expires_on <= today + timedelta(days=lot.sku.sell_by_days + 30):
        return "hold", _("Expires soon")
    return "done", _("Good")


LOTS: ListPage[Lot] = ListPage(
    name="lots",
    path="/stock/lots/",
    title=gettext_lazy("Lots"),
    right="inventory.view",
    rows=lambda actor: Lot.objects.select_related("sku"),
    columns=(
        Column("code", gettext_lazy("Lot"), lambda x: x.code, main=True),
        Column("sku", "SKU", lambda x: x.sku.code),
        state_column("state", gettext_lazy("State"), _keeps),
        day_column("expires", gettext_lazy("Expires on"), lambda x: x.expires_on),
        lines_column(
            "places",
            gettext_lazy("Location"),
            ((gettext_lazy("Location"), False), (gettext_lazy("Quantity"), True)),
            lambda x: x.places,
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
    empty=gettext_lazy("No lots yet. Lot-tracked SKUs show their lots and expiry dates here."),
    link=lambda x: f"/inventory/{quote(x.sku.code, safe='')}/",
)
