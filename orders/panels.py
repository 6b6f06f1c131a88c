"""What orders puts on shared pages: its work queues, and finding an order by its number."""

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.ids import public_id
from erp.web.queues import Queue
from orders.models import Customer, Order
from orders.queries import (
    NEWEST_FIRST,
    customers_found,
    customers_visible_to,
    orders_visible_to,
    overdue,
    searched,
)

QUEUES = (
    Queue(
        _("On hold"),
        "/orders/review/",
        "orders.view",
        lambda: Order.objects.filter(open_holds__gt=0, status__in=["pending", "confirmed"]),
        stage="orders",
    ),
    Queue(
        _("Waiting for payment"),
        "/orders/?status=pending",
        "orders.view",
        lambda: Order.objects.filter(status="pending", open_holds=0),
    ),
    Queue(
        _("Short of stock"),
        "/orders/?short=1",
        "orders.view",
        lambda: Order.objects.filter(
            status="confirmed", lines__quantity_backordered__gt=0
        ).distinct(),
    ),
    Queue(
        _("Late"),
        "/orders/?late=1",
        "orders.view",
        lambda: overdue(Order.objects.all(), timezone.now()),
        alarming=True,
    ),
)


def suggest(text: str, actor: Actor) -> list[tuple[str, str, str, str]]:
    """The newest few orders, and a few customers, that a text means."""
    orders: list[Order] = []
    for way in searched(orders_visible_to(actor), text, page=5):
        orders = list(way.select_related("customer").order_by(*NEWEST_FIRST)[:5])
        if len(orders) == 5:
            break
    hits = [
        (o.number, o.customer.name if "customers.view" in actor.verbs else "", f"/orders/{o.number}/", "")
        for o in orders
    ]  # fmt: skip
    if "customers.view" not in actor.verbs:
        return hits
    customers: list[Customer] = []
    for people in customers_found(customers_visible_to(actor), {"q": text}, page=3):
        customers = list(people.order_by("-pk")[:3])
        if len(customers) == 3:
            break
    return hits + [
        (c.name or "–", gettext("Customer"), f"/customers/{public_id('cus', c.pk)}/", "")
        for c in customers
    ]


def find(text: str, actor: Actor) -> str:
    """The page of the order with exactly this number or external id."""
    orders = orders_visible_to(actor)
    order = (
        orders.filter(number__iexact=text).first() or orders.filter(external_id=text).first()
    )
    return f"/orders/{order.number}/" if order else ""
