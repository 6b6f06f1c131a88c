"""Adds orders to shared pages: work queues, order search by number."""

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.ids import public_id
from erp.visible import code_key, identifier
from erp.web.queues import Queue
from orders.customers.models import Customer, TermsProposal
from orders.customers.readers import reader_of
from orders.customers.search import customers_found
from orders.intake.mail.models import OrderDraft
from orders.intake.messages.models import IncomingMessage
from orders.intake.shops.models import ChannelNews, ControlTotal
from orders.invoicing.models import InvoiceRequest
from orders.order.actions.holds import GIVEN_AWAY
from orders.order.models.order import Hold, Order
from orders.order.queries import (
    customers_visible_to,
    due_soon,
    keeping_money,
    orders_visible_to,
    overdue,
)
from orders.order.search import NEWEST_FIRST, searched

QUEUES = (
    Queue(
        _("On hold"),
        "/orders/review/",
        "orders.view",
        lambda: Order.objects.filter(open_holds__gt=0, status__in=["pending", "confirmed"]),
        stage="orders",
    ),
    Queue(
        _("Goods given away to approve"),
        "/orders/review/?kind=finance",
        "finance.release",
        lambda: Hold.objects.filter(
            reason=GIVEN_AWAY,
            released_at=None,
            order__status__in=["pending", "confirmed"],
        ),
        stage="orders",
        is_approval=True,
    ),
    Queue(
        _("Customers' terms to approve"),
        "/customers/?proposed=1",
        "customers.terms",
        lambda: TermsProposal.objects.filter(status="waiting"),
        is_approval=True,
    ),
    Queue(
        _("Messages that need attention"),
        "/orders/inbox/?status=held,failed",
        "messages.replay",
        lambda: IncomingMessage.objects.filter(status__in=["held", "failed"]),
        alarming=True,
    ),
    Queue(
        _("Hours with differences between shop and system"),
        "/orders/reconciliation/",
        "messages.replay",
        lambda: ControlTotal.objects.filter(settled_at=None),
        alarming=True,
    ),
    Queue(
        _("Channel notifications that failed"),
        "/orders/channel-news/?status=parked",
        "messages.replay",
        lambda: ChannelNews.objects.filter(status="parked"),
        alarming=True,
    ),
    Queue(
        _("E-mails to turn into orders"),
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
        _("Ended, not yet refunded"),
        "/orders/?kept=1",
        "orders.pay",
        lambda: keeping_money(Order.objects.all()),
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


def suggest(text: str, actor: Actor) -> list[tuple[str, str, str, str]]:
    """The newest few orders, and a few customers, that a text means."""
    orders: list[Order] = []
    for way in searched(orders_visible_to(actor), text, page=5):
        orders = list(way.select_related("customer").order_by(*NEWEST_FIRST)[:5])
        if len(orders) == 5:
            break
    reader = reader_of(actor)
    hits = [(o.number, reader.name(o.customer.name), f"/orders/{o.number}/", "") for o in orders]
    if not reader.knows_customers:
        return hits
    customers: list[Customer] = []
    for people in customers_found(customers_visible_to(actor), {"q": text}, page=3):
        customers = list(people.order_by("-pk")[:3])
        if len(customers) == 3:
            break
    return hits + [
        (
            reader.name(c.name) or "–",
            gettext("Customer"),
            f"/customers/{public_id('cus', c.pk)}/",
            "",
        )
        for c in customers
    ]


def find(text: str, actor: Actor) -> str:
    """The page of the order with exactly this number or external id."""
    orders = orders_visible_to(actor)
    order = (
        orders.filter(number=code_key(text)).first()
        or orders.filter(external_id=identifier(text)).first()
    )
    return f"/orders/{order.number}/" if order else ""
