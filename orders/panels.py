"""What orders puts on shared pages: its work queues, and finding an order by its number."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.web.queues import Queue
from orders.models import Order
from orders.queries import orders_visible_to, overdue

QUEUES = (
    Queue(
        _("On hold"),
        "/orders/review/",
        "orders.view",
        lambda: Order.objects.filter(open_holds__gt=0, status__in=["pending", "confirmed"]),
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


def find(text: str, actor: Actor) -> str:
    """The page of the order with exactly this number or external id."""
    orders = orders_visible_to(actor)
    order = (
        orders.filter(number__iexact=text).first() or orders.filter(external_id=text).first()
    )
    return f"/orders/{order.number}/" if order else ""
