"""What orders puts on shared pages: its work queues, and finding an order by its number."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.ids import public_id
from erp.web.queues import Queue
from inventory.decisions.promise import by_date
from inventory.queries import arrivals_of, availability, skus_named
from orders.decisions import backorders
from orders.masking import masked_name, sees_contacts
from orders.models import (
    ChannelNews,
    ControlTotal,
    Customer,
    IncomingMessage,
    InvoiceRequest,
    Order,
    OrderDraft,
)
from orders.queries import (
    NEWEST_FIRST,
    customers_found,
    customers_visible_to,
    due_soon,
    orders_at_risk,
    orders_visible_to,
    overdue,
    searched,
    waiting_lines,
)

WAITING = 20  # orders named on a stock card

QUEUES = (
    Queue(
        _("On hold"),
        "/orders/review/",
        "orders.view",
        lambda: Order.objects.filter(open_holds__gt=0, status__in=["pending", "confirmed"]),
        stage="orders",
    ),
    Queue(
        _("Messages that wait for a person"),
        "/orders/inbox/?status=held,failed",
        "messages.replay",
        lambda: IncomingMessage.objects.filter(status__in=["held", "failed"]),
        alarming=True,
    ),
    Queue(
        _("Hours that do not agree with their shop"),
        "/orders/reconciliation/",
        "messages.replay",
        lambda: ControlTotal.objects.filter(settled_at=None),
        alarming=True,
    ),
    Queue(
        _("News that a channel could not be told"),
        "/orders/channel-news/?status=parked",
        "messages.replay",
        lambda: ChannelNews.objects.filter(status="parked"),
        alarming=True,
    ),
    Queue(
        _("Letters to make orders of"),
        "/orders/drafts/?status=open",
        "orders.place",
        lambda: OrderDraft.objects.filter(status="open"),
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
        _("Invoices to issue"),
        "/orders/?invoice=1",
        "orders.pay",
        lambda: InvoiceRequest.objects.filter(status="requested"),
    ),
    Queue(
        _("Ships within four hours"),
        "/orders/?due=1&sort=ship_by",
        "orders.view",
        lambda: due_soon(Order.objects.all(), timezone.now()),
    ),
    Queue(
        _("Late"),
        "/orders/?late=1",
        "orders.view",
        lambda: overdue(Order.objects.all(), timezone.now()),
        alarming=True,
    ),
)


def risks_of_purchase(request: HttpRequest, purchase: Any) -> str:
    """The panel on a purchase order's page: orders promised earlier than its goods come."""
    if "orders.view" not in request.actor.verbs:  # type: ignore[attr-defined]
        return ""
    rows = orders_at_risk(purchase.pk)
    return render_to_string("orders/risk_panel.html", {"rows": rows}, request) if rows else ""


def promises_of_sku(request: HttpRequest, sku_id: int) -> str:
    """The panel on a stock card: who waits for the SKU, and what can be promised on which day."""
    if "orders.view" not in request.actor.verbs:  # type: ignore[attr-defined]
        return ""
    waiting = backorders.queue(waiting_lines([sku_id]))
    arrivals = arrivals_of(sku_id)
    if not waiting and not arrivals:
        return ""
    owed = sum(row.quantity * each for row in waiting for sku, each in row.made_of if sku == sku_id)
    code = skus_named([sku_id])[sku_id]
    free = availability(codes=[code])[0]["available"]
    numbers = dict(
        Order.objects.filter(pk__in=[row.order_id for row in waiting[:WAITING]]).values_list(
            "pk", "number"
        )
    )
    context = {
        "days": by_date(free, owed, arrivals),
        "owed": owed,
        "waiting": [(numbers[row.order_id], row) for row in waiting[:WAITING]],
        "more": max(0, len(waiting) - WAITING),
    }
    return render_to_string("orders/promise_panel.html", context, request)


def suggest(text: str, actor: Actor) -> list[tuple[str, str, str, str]]:
    """The newest few orders, and a few customers, that a text means."""
    orders: list[Order] = []
    for way in searched(orders_visible_to(actor), text, page=5):
        orders = list(way.select_related("customer").order_by(*NEWEST_FIRST)[:5])
        if len(orders) == 5:
            break
    hits = [(o.number, _called(o.customer, actor), f"/orders/{o.number}/", "") for o in orders]
    if "customers.view" not in actor.verbs:
        return hits
    customers: list[Customer] = []
    for people in customers_found(customers_visible_to(actor), {"q": text}, page=3):
        customers = list(people.order_by("-pk")[:3])
        if len(customers) == 3:
            break
    return hits + [
        (
            _called(c, actor) or "–",
            gettext("Customer"),
            f"/customers/{public_id('cus', c.pk)}/",
            "",
        )
        for c in customers
    ]


def _called(customer: Customer, actor: Actor) -> str:
    """A customer's name, as far as somebody may know it."""
    if "customers.view" not in actor.verbs:
        return ""
    return customer.name if sees_contacts(actor) else masked_name(customer.name)


def find(text: str, actor: Actor) -> str:
    """The page of the order with exactly this number or external id."""
    orders = orders_visible_to(actor)
    order = orders.filter(number__iexact=text).first() or orders.filter(external_id=text).first()
    return f"/orders/{order.number}/" if order else ""
