"""Lists fulfillment orders and shipments."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import BulkVerb, Column, ListPage, Tab
from erp.visible import code_key
from erp.web.columns import state_column, time_column
from fulfillment.packing.actions import pack_parcel
from fulfillment.picking.actions import pick_order
from fulfillment.planning.models import FulfillmentOrder, Parcel
from fulfillment.planning.queries import work_visible_to
from fulfillment.planning.states import FulfillmentOrderStatus, ParcelStatus
from fulfillment.shipping.numbers import number_key
from fulfillment.tracking.queries import parcels_visible_to
from inventory.models import Warehouse


def _warehouses() -> list[tuple[str, str]]:
    return list(Warehouse.objects.order_by("priority", "code").values_list("code", "name"))


class WorkFilter(ListFilter):
    """Without a state asked for: what is still to be done."""

    status = AnyOf(choices=FulfillmentOrderStatus.choices, label=gettext_lazy("State"))
    warehouse = AnyOf(
        choices=_warehouses, label=gettext_lazy("Warehouse"), field_name="warehouse__code"
    )
    q = django_filters.CharFilter(label=gettext_lazy("Order"), method="of_order")

    def filter_queryset(self, queryset: QuerySet[FulfillmentOrder]) -> QuerySet[FulfillmentOrder]:
        found: QuerySet[FulfillmentOrder] = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("status") or self.form.cleaned_data.get("q"):
            return found
        return found.exclude(status__in=["shipped", "cancelled"])

    def of_order(
        self, work: QuerySet[FulfillmentOrder], name: str, text: str
    ) -> QuerySet[FulfillmentOrder]:
        return work.filter(order__number=code_key(text))


def _work(actor: Actor) -> QuerySet[FulfillmentOrder]:
    work = work_visible_to(actor).select_related("order", "warehouse")
    return work.prefetch_related("lines")


WORK: ListPage[FulfillmentOrder] = ListPage(
    name="work",
    path="/fulfillment/",
    title=gettext_lazy("Fulfillment"),
    right="fulfillment.view",
    rows=_work,
    columns=(
        Column("order", gettext_lazy("Order"), lambda w: w.order.number, main=True),
        Column("warehouse", gettext_lazy("Warehouse"), lambda w: w.warehouse.name),
        state_column("status", gettext_lazy("State"), "status"),
        state_column(
            "holds",
            gettext_lazy("Holds"),
            lambda w: ("hold", _("On hold")) if w.order.open_holds else None,
        ),
        Column("lines", gettext_lazy("Lines"), lambda w: len(w.lines.all()), numeric=True),
        Column(
            "units",
            gettext_lazy("Units"),
            lambda w: sum(line.quantity for line in w.lines.all()),
            numeric=True,
        ),
        time_column("ship_by", gettext_lazy("Ship by"), lambda w: w.ship_by),
    ),
    order=("id",),
    names="order__number",
    filters=WorkFilter,
    tabs=(
        Tab(gettext_lazy("Open")),
        Tab(gettext_lazy("To pick"), "status=released,picking"),
        Tab(gettext_lazy("To pack"), "status=picked"),
        Tab(gettext_lazy("To ship"), "status=packed"),
        Tab(gettext_lazy("Shipped"), "status=shipped"),
    ),
    bulk=(
        BulkVerb(
            "pick",
            gettext_lazy("Mark all as picked"),
            "fulfillment.pick",
            pick_order,
            "fulfillment_order_id",
        ),
        BulkVerb(
            "pack",
            gettext_lazy("Pack into one parcel per order"),
            "fulfillment.pack",
            pack_parcel,
            "fulfillment_order_id",
        ),
    ),
    search=gettext_lazy("Order number"),
    empty=gettext_lazy("Nothing to do. Confirmed orders appear here automatically."),
    link=lambda w: f"/fulfillment/{w.pk}/",
)


class ShipmentFilter(ListFilter):
    status = AnyOf(choices=ParcelStatus.choices, label=gettext_lazy("State"))
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="numbered")

    def numbered(self, parcels: QuerySet[Parcel], name: str, text: str) -> QuerySet[Parcel]:
        return parcels.filter(Q(number_key=number_key(text)) | Q(order__number=code_key(text)))


def _shipped(actor: Actor) -> QuerySet[Parcel]:
    return parcels_visible_to(actor).filter(shipped_at__isnull=False).select_related("order")


SHIPMENTS: ListPage[Parcel] = ListPage(
    name="shipments",
    path="/shipments/",
    title=gettext_lazy("Shipments"),
    right="fulfillment.view",
    rows=_shipped,
    columns=(
        Column(
            "tracking_number",
            gettext_lazy("Tracking number"),
            lambda p: p.tracking_number,
            main=True,
        ),
        Column("order", gettext_lazy("Order"), lambda p: p.order.number),
        state_column("status", gettext_lazy("State"), "status"),
        Column(
            "carrier",
            gettext_lazy("Carrier"),
            lambda p: f"{p.carrier} · {p.service}",
            value=lambda p: p.carrier,
            second=(gettext_lazy("Service"), lambda p: p.service),
        ),
        time_column("shipped", gettext_lazy("Shipped"), lambda p: p.shipped_at),
        time_column("delivered", gettext_lazy("Delivered"), lambda p: p.delivered_at),
    ),
    order=("-shipped_at", "-id"),
    sorts={"shipped": ("shipped_at", "id")},
    names="tracking_number",
    filters=ShipmentFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("In transit"), "status=in_transit"),
        Tab(gettext_lazy("Out for delivery"), "status=out_for_delivery"),
        Tab(gettext_lazy("Ready for pick-up"), "status=ready_for_pickup"),
        Tab(gettext_lazy("Delivery failed"), "status=delivery_failed"),
        Tab(gettext_lazy("Returning to sender"), "status=return_to_sender,returned"),
        Tab(gettext_lazy("Delivered"), "status=delivered"),
    ),
    search=gettext_lazy("Tracking or order number"),
    empty=gettext_lazy("Parcels appear here once they ship."),
    link=lambda p: f"/orders/{p.order.number}/",
)
