"""Lists orders."""

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.page import Column, ListPage, Tab
from erp.templatetags.show import flagged, label_of
from erp.web.columns import amount_column, state_column, time_column
from orders.customers.readers import CLEAR, MASKED
from orders.order.filters import OrderFilter
from orders.order.models.order import Order
from orders.order.queries import order_types, orders_visible_to
from orders.order.search import corrected, found
from orders.order.states import OPEN
from orders.policies.custom_fields import text_of
from orders.policies.order_types import BUILT_IN


def _orders(actor: Actor) -> QuerySet[Order]:
    return orders_visible_to(actor).select_related("customer", "channel")


def _customer(order: Order) -> SafeString:
    return format_html(
        "{}<span class='two'>{}</span>", order.customer.name or "–", order.channel.name
    )


def _name_types(rows: list[Order]) -> None:
    """What types are called; the merchant's own are looked up where a row has one."""
    own = any(row.type not in BUILT_IN for row in rows)
    names = dict(order_types()) if own else BUILT_IN
    for row in rows:
        row.shown_type = str(names.get(row.type, row.type))


def _number(order: Order) -> SafeString:
    return format_html("{}{}", order.number, flagged(order.flag, order.get_flag_display()))


def _masked_customer(order: Order) -> SafeString:
    name = MASKED.name(order.customer.name) or "–"
    return format_html("{}<span class='two'>{}</span>", name, order.channel.name)


ORDERS: ListPage[Order] = ListPage(
    name="orders",
    path="/orders/",
    title=gettext_lazy("Orders"),
    right="orders.view",
    rows=_orders,
    columns=(
        Column("number", gettext_lazy("Order"), _number, value=lambda o: o.number, main=True),
        Column(
            "customer",
            gettext_lazy("Customer"),
            _customer,
            value=lambda o: o.customer.name,
            right="customers.view",
            masked=(CLEAR, _masked_customer),
            masked_value=lambda o: MASKED.name(o.customer.name),
            second=(gettext_lazy("Channel"), lambda o: o.channel.name),
        ),
        Column("channel", gettext_lazy("Channel"), lambda o: o.channel.name, extra=True),
        Column("external_id", gettext_lazy("External number"), lambda o: o.external_id, extra=True),
        state_column("status", gettext_lazy("State"), "status"),
        state_column("payment_status", gettext_lazy("Payment"), "payment_status"),
        state_column("fulfillment_status", gettext_lazy("Shipping"), "fulfillment_status"),
        state_column(
            "return_status",
            gettext_lazy("Return"),
            lambda o: (
                (o.return_status, label_of(o, "return_status"))
                if o.return_status != "none"
                else None
            ),
            extra=True,
        ),
        state_column(
            "holds",
            gettext_lazy("Holds"),
            lambda o: ("hold", _("On hold")) if o.open_holds else None,
        ),
        time_column("placed", gettext_lazy("Placed"), lambda o: o.placed_at),
        time_column("changed", gettext_lazy("Changed"), lambda o: o.updated_at, extra=True),
        time_column(
            "ship_by",
            gettext_lazy("Ship by"),
            lambda o: o.ship_by,
            shown=lambda o: o.status in OPEN,
        ),
        Column("service", gettext_lazy("Service"), lambda o: o.shipping_service, extra=True),
        Column(
            "type",
            gettext_lazy("Order type"),
            lambda o: getattr(o, "shown_type", o.type),
            extra=True,
        ),
        Column(
            "flag",
            gettext_lazy("Flag"),
            lambda o: flagged(o.flag, o.get_flag_display()),
            value=lambda o: o.get_flag_display(),
            extra=True,
        ),
        Column("tags", gettext_lazy("Tags"), lambda o: ", ".join(o.tags), extra=True),
        Column(
            "custom",
            gettext_lazy("Custom fields"),
            lambda o: "; ".join(f"{k}: {text_of(v)}" for k, v in sorted(o.metadata.items()))[:120],
            value=lambda o: "; ".join(f"{k}: {text_of(v)}" for k, v in sorted(o.metadata.items())),
            extra=True,
        ),
        Column(
            "remark",
            gettext_lazy("Staff remark"),
            lambda o: o.remark[:80],
            value=lambda o: o.remark,
            extra=True,
        ),
        Column("currency", gettext_lazy("Currency"), lambda o: o.currency, extra=True),
        amount_column("total", gettext_lazy("Total"), lambda o: o.total, lambda o: o.currency),
    ),
    order=("-placed_at", "-id"),
    sorts={
        "placed": ("placed_at", "id"),
        "changed": ("updated_at", "id"),
        "ship_by": ("ship_by", "id"),
    },
    names="number",
    filters=OrderFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("To ship"), "status=confirmed&fulfillment_status=unfulfilled"),
        Tab(gettext_lazy("On hold"), "hold=1"),
        Tab(gettext_lazy("Waiting for payment"), "status=pending"),
        Tab(gettext_lazy("Short of stock"), "short=1"),
        Tab(gettext_lazy("Pre-sales"), "presale=1"),
        Tab(gettext_lazy("Late"), "late=1"),
        Tab(gettext_lazy("Cancelled"), "status=cancelled"),
    ),
    noun="order",
    search=gettext_lazy("Number, name, e-mail, phone or SKU"),
    find=found,
    correct=corrected,
    prepare=_name_types,
    empty=gettext_lazy("No orders yet. They arrive from the API, shops, the phone desk and files."),
    link=lambda o: f"/orders/{o.number}/",
    create=("/orders/new/", gettext_lazy("New order"), "orders.place"),
)
