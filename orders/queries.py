"""Reading orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from erp.access.models import Actor
from erp.errors import NotFound
from orders.models import (
    Customer,
    CustomerIdentity,
    Decision,
    Hold,
    Order,
    OrderAddress,
    OrderEvent,
    OrderLine,
)

ORDER_COLUMNS = (
    "id", "number", "external_id", "channel_id", "channel__code", "version", "status",
    "payment_status", "fulfillment_status", "return_status", "currency", "open_holds", "subtotal",
    "discount", "shipping", "tax", "total", "ship_by", "deliver_from", "deliver_by",
    "shipping_service", "payment_method", "note", "metadata", "placed_at", "updated_at", "customer_id",
)  # fmt: skip
LINE_COLUMNS = (
    "id", "order_id", "sku_code", "name", "quantity_ordered", "quantity_cancelled",
    "quantity_reserved", "quantity_backordered", "quantity_shipped", "quantity_delivered",
    "quantity_returned", "quantity_refunded", "unit_price", "subtotal", "discount", "tax", "total",
)  # fmt: skip


def orders_visible_to(actor: Actor) -> QuerySet[Order]:
    """The orders an actor may know of: a key's own channel, everything for staff."""
    if actor.channel_id is not None:
        return Order.objects.filter(channel_id=actor.channel_id)
    return Order.objects.all()


def find_order(actor: Actor, number: str) -> Order:
    """The order with this number, or public id; raises NotFound for anyone else's too."""
    from erp.ids import primary_key

    pk = primary_key("ord", number)
    order = orders_visible_to(actor).filter(Q(pk=pk) if pk else Q(number=number)).first()
    if order is None:
        raise NotFound
    return order


def order_parts(orders: Sequence[dict[str, Any]]) -> tuple[dict[int, list], dict[int, list]]:
    """Lines and open holds of orders (rows with "id"), by order id, in two statements."""
    ids = [order["id"] for order in orders]
    lines: dict[int, list] = {pk: [] for pk in ids}
    holds: dict[int, list] = {pk: [] for pk in ids}
    rows = OrderLine.objects.filter(order_id__in=ids).order_by("order_id", "position")
    for line in rows.values(*LINE_COLUMNS):
        lines[line["order_id"]].append(line)
    with_holds = [order["id"] for order in orders if order["open_holds"]]
    if with_holds:
        open_holds = Hold.objects.filter(order_id__in=with_holds, released_at=None)
        for hold in open_holds.order_by("pk").values("id", "order_id", "kind", "reason"):
            holds[hold["order_id"]].append(hold)
    return lines, holds


def customer_ids_by_identity(text: str) -> list[int]:
    """Customers recognised by exactly this e-mail address or phone number."""
    return list(
        CustomerIdentity.objects.filter(value=text.strip().lower()).values_list(
            "customer_id", flat=True
        )
    )


def events_of(order_id: int) -> QuerySet[OrderEvent]:
    """The timeline of an order, oldest first, with who did each step."""
    return OrderEvent.objects.filter(order_id=order_id).select_related("by").order_by("pk")


def decisions_of(order_id: int) -> QuerySet[Decision]:
    """Every automatic judgement on an order, in the order they were made."""
    return Decision.objects.filter(order_id=order_id).order_by("pk")


def shipping_address(order_id: int) -> OrderAddress | None:
    """Where an order goes; None once erased."""
    return OrderAddress.objects.filter(order_id=order_id, kind="shipping").first()


def searched(orders: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Orders that a person means by `text`: a number, an external id, an e-mail, a name."""
    text = text.strip()
    if not text:
        return orders
    match = Q(number__iexact=text) | Q(external_id=text) | Q(lines__sku_code=text)
    if "@" in text or text.lstrip("+").isdecimal():
        match |= Q(customer_id__in=customer_ids_by_identity(text))
    else:
        match |= Q(customer__name__icontains=text)
    return orders.filter(pk__in=orders.filter(match).values("pk"))


def overdue(orders: QuerySet[Order], now: datetime) -> QuerySet[Order]:
    """Confirmed orders that should have left by now and have not."""
    return orders.filter(status="confirmed", ship_by__lt=now).exclude(
        fulfillment_status="fulfilled"
    )


def orders_with_sku(code: str) -> QuerySet[OrderLine, Any]:
    """The ids of orders with a line of this SKU."""
    return OrderLine.objects.filter(sku__code=code).values("order_id")


def customers_visible_to(actor: Actor) -> QuerySet[Customer]:
    """The customers an actor may know of: for a key, those with an order on its channel."""
    customers = Customer.objects.filter(merged_into=None)
    if actor.channel_id is not None:
        there = Order.objects.filter(channel_id=actor.channel_id, customer=OuterRef("pk"))
        customers = customers.filter(Exists(there))
    return customers
