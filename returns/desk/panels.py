"""Adds returns to shared pages: queues, an order's returns, search by number."""

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.verbs import noun_named
from erp.visible import code_key
from erp.web.pages import StaffRequest
from erp.web.queues import Queue
from orders.models import Order, OrderLine
from returns.refunds.models import Refund
from returns.refunds.queries import refunds_visible_to
from returns.refunds.states import RefundStatus
from returns.rma.models import ReturnAuthorization
from returns.rma.queries import returns_visible_to
from returns.rma.states import ReturnReason

QUEUES = (
    Queue(
        _("Returns to approve"),
        "/returns/?status=requested",
        "returns.view",
        lambda: ReturnAuthorization.objects.filter(status="requested"),
        stage="returns",
    ),
    Queue(
        _("Returns to inspect"),
        "/returns/?status=received,part_received",
        "returns.view",
        lambda: ReturnAuthorization.objects.filter(status__in=["received", "part_received"]),
        stage="returns",
    ),
    Queue(
        _("Refunds to approve"),
        "/returns/refunds/?status=proposed",
        "refunds.view",
        lambda: Refund.objects.filter(status__in=["proposed", "approved"]),
        is_approval=True,
    ),
)


def returns_of_order(request: StaffRequest, order: Order) -> str:
    """The panel on an order's page: its returns and refunds, and the way to ask for one."""
    lines = [
        line
        for line in OrderLine.objects.filter(order=order).order_by("position")
        if line.quantity_shipped
    ]
    return render_to_string(
        "returns/desk/order_panel.html",
        {
            "order": order,
            "returns": ReturnAuthorization.objects.filter(order=order).order_by("pk"),
            "refunds": [
                (refund, _hindrance(refund, request.actor))
                for refund in Refund.objects.filter(order=order).order_by("pk")
            ],
            "lines": lines if "returns.request" in request.actor.verbs else [],
            "reasons": ReturnReason.choices,
        },
        request,
    )


def _hindrance(refund: Refund, actor: Actor) -> str:
    """What keeps somebody from approving a proposed refund, in words; "" where nothing does."""
    if refund.status != RefundStatus.PROPOSED:
        return ""
    return noun_named("refund").verb("approve").hindrance(refund, actor)


def find(text: str, actor: Actor) -> str:
    """The page of the return, or of the order whose refund, has exactly this number."""
    authorization = returns_visible_to(actor).filter(number=code_key(text)).first()
    if authorization:
        return f"/returns/{authorization.number}/"
    refund = refunds_visible_to(actor).filter(number=code_key(text)).select_related("order").first()
    return f"/orders/{refund.order.number}/" if refund and refund.order else ""
