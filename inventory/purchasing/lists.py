"""Lists purchase orders and suppliers."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.filters import AnyOf, ListFilter, Yes
from erp.lists.page import Column, ListPage, Tab
from erp.visible import code_key
from erp.web.columns import amount_column, day_column, lines_column, state_column, time_column
from inventory.purchasing.models import PurchaseOrder, Supplier
from inventory.purchasing.states import UNDER_WAY, PurchaseStatus


class PurchaseFilter(ListFilter):
    status = AnyOf(choices=PurchaseStatus.choices, label=gettext_lazy("State"))
    late = Yes(label=gettext_lazy("Late"), method="is_late")
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="named")

    def is_late(
        self, rows: QuerySet[PurchaseOrder], name: str, asked: str
    ) -> QuerySet[PurchaseOrder]:
        late = rows.filter(status__in=UNDER_WAY, expected_on__lt=timezone.localdate())
        return late if asked else rows

    def named(self, rows: QuerySet[PurchaseOrder], name: str, text: str) -> QuerySet[PurchaseOrder]:
        return rows.filter(
            Q(number=code_key(text))
            | Q(supplier__name__icontains=text)
            | Q(supplier_reference__iexact=text)
        )


def _purchases(actor: Actor) -> QuerySet[PurchaseOrder]:
    return PurchaseOrder.objects.select_related("supplier", "warehouse").prefetch_related(
        "lines__sku"
    )


PURCHASES: ListPage[PurchaseOrder] = ListPage(
    name="purchases",
    path="/purchasing/",
    title=gettext_lazy("Purchasing"),
    right="purchasing.view",
    rows=_purchases,
    columns=(
        Column("number", gettext_lazy("Purchase order"), lambda p: p.number, main=True),
        Column("supplier", gettext_lazy("Supplier"), lambda p: p.supplier.name),
        state_column("status", gettext_lazy("State"), "status"),
        lines_column(
            "lines",
            gettext_lazy("Lines"),
            (("SKU", False), (gettext_lazy("Quantity"), True)),
            lambda p: [(x.sku.code, x.quantity) for x in p.lines.all()],
        ),
        Column("warehouse", gettext_lazy("Warehouse"), lambda p: p.warehouse.code),
        day_column("expected", gettext_lazy("Expected"), lambda p: p.expected_on),
        time_column("created", gettext_lazy("Created"), lambda p: p.created_at),
        amount_column("total", gettext_lazy("Total"), lambda p: p.total, lambda p: p.currency),
    ),
    order=("-id",),
    sorts={"created": ("id",)},
    names="number",
    filters=PurchaseFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Drafts"), "status=draft"),
        Tab(gettext_lazy("To send"), "status=approved"),
        Tab(gettext_lazy("Under way"), "status=sent,acknowledged,part_received"),
        Tab(gettext_lazy("Late"), "late=1"),
        Tab(gettext_lazy("Received"), "status=received"),
    ),
    noun="purchase_order",
    search=gettext_lazy("Number or supplier"),
    empty=gettext_lazy(
        "No purchase orders yet. Suggestions show what to buy; one click orders it."
    ),
    link=lambda p: f"/purchasing/{p.number}/",
    create=("/purchasing/new/", gettext_lazy("New purchase order"), "purchasing.edit"),
)


class SupplierFilter(ListFilter):
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="named")

    def named(self, rows: QuerySet[Supplier], name: str, text: str) -> QuerySet[Supplier]:
        return rows.filter(Q(code__iexact=text) | Q(name__icontains=text))


SUPPLIERS: ListPage[Supplier] = ListPage(
    name="suppliers",
    path="/purchasing/suppliers/",
    title=gettext_lazy("Suppliers"),
    right="purchasing.view",
    rows=lambda actor: Supplier.objects.all(),
    columns=(
        Column("name", gettext_lazy("Supplier"), lambda s: s.name, main=True),
        Column("code", gettext_lazy("Code"), lambda s: s.code),
        state_column(
            "active",
            gettext_lazy("State"),
            lambda s: ("done", _("Active")) if s.is_active else ("expired", _("Off")),
        ),
        Column("email", gettext_lazy("E-mail"), lambda s: s.email),
        Column("currency", gettext_lazy("Currency"), lambda s: s.currency),
        Column("lead", gettext_lazy("Lead time (days)"), lambda s: s.lead_time_days, numeric=True),
        Column(
            "review", gettext_lazy("Purchase cycle (days)"), lambda s: s.review_days, numeric=True
        ),
    ),
    order=("id",),
    names="name",
    filters=SupplierFilter,
    search=gettext_lazy("Code or name"),
    empty=gettext_lazy("No suppliers yet. Add your suppliers and their prices."),
    link=lambda s: f"/purchasing/suppliers/{s.code}/",
    create=("/purchasing/suppliers/new/", gettext_lazy("New supplier"), "purchasing.edit"),
)
