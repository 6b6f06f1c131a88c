"""Defines the filters of orders and holds, for pages and the API alike."""

import operator
from datetime import date, datetime, time, timedelta
from functools import reduce

import django_filters
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from erp.access.models import Channel
from erp.bounds import KEY_DIGITS, signed_whole
from erp.ids import primary_key
from erp.lists.filters import AnyOf, Day, ListFilter, Yes, channels_by_code
from orders.order.actions.holds import PRE_SALE
from orders.order.models.claim import OrderClaim
from orders.order.models.order import Hold, Order, OrderLine
from orders.order.queries import due_soon, keeping_money, order_types, overdue
from orders.order.states import (
    Flag,
    FulfillmentStatus,
    HoldKind,
    OrderStatus,
    PaymentStatus,
    ReturnStatus,
)


class OrderFilter(ListFilter):
    """`q` and `sku` are looked for by `orders.order.search.found`, which knows how."""

    status = AnyOf(choices=OrderStatus.choices, label=_("Order"))
    payment_status = AnyOf(choices=PaymentStatus.choices, label=_("Payment"))
    fulfillment_status = AnyOf(choices=FulfillmentStatus.choices, label=_("Shipping"))
    return_status = AnyOf(choices=ReturnStatus.choices, label=_("Return"))
    channel = AnyOf(choices=channels_by_code, label=_("Channel"), method="on_channel")
    type = AnyOf(choices=order_types, label=_("Order type"))
    flag = AnyOf(choices=Flag.choices, label=_("Flag"))
    tag = django_filters.CharFilter(label=_("Tag"), method="tagged")
    custom = django_filters.CharFilter(label=_("Custom field (field=value)"), method="says")
    hold = Yes(label=_("On hold"), method="on_hold")
    short = Yes(label=_("Short of stock"), method="short_of_stock")
    presale = Yes(label=_("Pre-sale"), method="is_presale")
    late = Yes(label=_("Late"), method="is_late")
    due = Yes(label=_("Ships within four hours"), method="is_due")
    invoice = Yes(label=_("Invoice to issue"), method="is_to_invoice")
    kept = Yes(label=_("Ended, not yet refunded"), method="keeps_money")
    placed_from = Day(label=_("Placed from"), method="since")
    placed_to = Day(label=_("Placed to"), method="until")
    customer = django_filters.CharFilter(label=_("Customer"), method="of_customer")
    sku = django_filters.CharFilter(label="SKU", method="as_it_is")
    q = django_filters.CharFilter(label=_("Search"), method="as_it_is")

    def on_channel(self, orders: QuerySet[Order], name: str, codes: list[str]) -> QuerySet[Order]:
        # Ids looked up first, so that the channel's own index is used.
        return orders.filter(
            channel__in=list(Channel.objects.filter(code__in=codes).values_list("pk", flat=True))
        )

    def tagged(self, orders: QuerySet[Order], name: str, tag: str) -> QuerySet[Order]:
        tag = tag.strip()
        return orders.filter(~Q(tags=[]), tags__contains=[tag]) if tag else orders

    def says(self, orders: QuerySet[Order], name: str, text: str) -> QuerySet[Order]:
        """Orders whose own field has a value; a value is looked for as text, as yes or no, and as a number."""
        code, _equals, value = (part.strip() for part in text.partition("="))
        wanted: list[object] = [value] + ([value == "true"] if value in {"true", "false"} else [])
        if (number := signed_whole(value, 15)) is not None:
            wanted.append(number)
        asked = [Q(metadata__contains={code: each}) for each in wanted]
        return orders.filter(~Q(metadata={}), reduce(operator.or_, asked)) if code else orders

    def on_hold(self, orders: QuerySet[Order], name: str, asked: str) -> QuerySet[Order]:
        on_hold = {"open_holds__gt": 0, "status__in": ["pending", "confirmed"]}
        return orders.filter(**on_hold) if asked else orders

    def short_of_stock(self, orders: QuerySet[Order], name: str, asked: bool) -> QuerySet[Order]:
        waiting = OrderLine.objects.filter(quantity_backordered__gt=0).values("order_id")
        return orders.filter(status="confirmed", pk__in=waiting) if asked else orders

    def is_presale(self, orders: QuerySet[Order], name: str, asked: str) -> QuerySet[Order]:
        """Pre-sales whose day has not come: what holds them says so. After it they are orders like any other."""
        waiting = Hold.objects.filter(released_at=None, kind="wait", reason=PRE_SALE).values(
            "order_id"
        )
        return orders.filter(pk__in=waiting) if asked else orders

    def is_to_invoice(self, orders: QuerySet[Order], name: str, asked: str) -> QuerySet[Order]:
        return orders.filter(invoice_request__status="requested") if asked else orders

    def keeps_money(self, orders: QuerySet[Order], name: str, asked: str) -> QuerySet[Order]:
        return keeping_money(orders) if asked else orders

    def is_due(self, orders: QuerySet[Order], name: str, asked: str) -> QuerySet[Order]:
        return due_soon(orders, timezone.now()) if asked else orders

    def is_late(self, orders: QuerySet[Order], name: str, asked: str) -> QuerySet[Order]:
        return overdue(orders, timezone.now()) if asked else orders

    def of_customer(self, orders: QuerySet[Order], name: str, public: str) -> QuerySet[Order]:
        return orders.filter(customer_id=primary_key("cus", public) or 0)

    def since(self, orders: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return orders.filter(placed_at__gte=_midnight(day))

    def until(self, orders: QuerySet[Order], name: str, day: date) -> QuerySet[Order]:
        return orders.filter(placed_at__lt=_midnight(day + timedelta(days=1)))

    def as_it_is(self, orders: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        return orders


def claimants() -> list[tuple[str, str]]:
    """Nobody, or one of those who have taken orders: the values of the filter."""
    taken = OrderClaim.objects.filter(until__gt=timezone.now())
    people = taken.order_by("by__name").values_list("by_id", "by__name").distinct()
    return [("nobody", gettext("Nobody")), *((str(pk), name) for pk, name in people)]


class HoldFilter(ListFilter):
    taken = AnyOf(choices=claimants, label=_("Claimed by"), method="taken_by")
    kind = AnyOf(choices=HoldKind.choices, label=_("Kind"))
    channel = AnyOf(choices=channels_by_code, label=_("Channel"), field_name="order__channel__code")

    def taken_by(self, holds: QuerySet[Model], name: str, who: list[str]) -> QuerySet[Model]:
        claims = OrderClaim.objects.filter(order=OuterRef("order"), until__gt=timezone.now())
        nobody, people = (
            ~Exists(claims),
            [pk for one in who if (pk := signed_whole(one, KEY_DIGITS))],
        )
        theirs = Exists(claims.filter(by__in=people))
        return holds.filter(Q(nobody) | Q(theirs) if "nobody" in who else theirs)


def _midnight(day: date) -> datetime:
    """The beginning of a day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
