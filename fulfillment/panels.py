"""What fulfillment puts on shared pages: its queues, an order's shipments, finding a parcel."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.web.queues import Queue
from fulfillment.models import FulfillmentOrder, Parcel
from fulfillment.queries import parcels_visible_to
from orders.models import Order

QUEUES = (
    Queue(_("To pick"), "/fulfillment/?status=released", "fulfillment.view", lambda: FulfillmentOrder.objects.filter(status__in=["released", "picking"], order__open_holds=0)),
    Queue(_("To pack"), "/fulfillment/?status=picked", "fulfillment.view", lambda: FulfillmentOrder.objects.filter(status="picked", order__open_holds=0)),
    Queue(_("To ship"), "/fulfillment/?status=packed", "fulfillment.view", lambda: FulfillmentOrder.objects.filter(status="packed", order__open_holds=0)),
    Queue(_("Delivery failed"), "/shipments/?status=delivery_failed", "fulfillment.view", lambda: Parcel.objects.filter(status="delivery_failed"), alarming=True),
)  # fmt: skip


def shipments_of_order(request: HttpRequest, order: Order) -> str:
    """The panel on an order's page: its work and its parcels."""
    work = FulfillmentOrder.objects.filter(order=order).exclude(status="cancelled")
    return render_to_string(
        "fulfillment/order_panel.html",
        {
            "work": work.select_related("warehouse").order_by("pk"),
            "parcels": Parcel.objects.filter(order=order)
            .exclude(status="cancelled")
            .order_by("pk"),
        },
        request,
    )


def find(text: str, actor: Actor) -> str:
    """The page of the order whose parcel has exactly this tracking number."""
    parcel = (
        parcels_visible_to(actor)
        .filter(tracking_number=text.upper())
        .select_related("order")
        .first()
    )
    return f"/orders/{parcel.order.number}/" if parcel else ""
