"""Adds fulfillment to shared pages: queues, an order's shipments, parcel search."""

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.web.pages import StaffRequest
from erp.web.queues import Queue
from fulfillment.packing.papers import letters_without_font
from fulfillment.planning.models import FulfillmentOrder, Parcel
from fulfillment.shipping.numbers import number_key
from fulfillment.tracking.models import TrackingEvent
from fulfillment.tracking.queries import numbered, parcels_visible_to
from orders.customers.readers import Purpose, may_open
from orders.models import Order
from orders.order.wording import Step

QUEUES = (
    Queue(
        _("To pick"),
        "/fulfillment/?status=released,picking",
        "fulfillment.view",
        lambda: FulfillmentOrder.objects.filter(
            status__in=["released", "picking"], order__open_holds=0
        ),
        stage="fulfillment",
    ),
    Queue(
        _("To pack"),
        "/fulfillment/?status=picked",
        "fulfillment.view",
        lambda: FulfillmentOrder.objects.filter(status="picked", order__open_holds=0),
        stage="fulfillment",
    ),
    Queue(
        _("To ship"),
        "/fulfillment/?status=packed",
        "fulfillment.view",
        lambda: FulfillmentOrder.objects.filter(status="packed", order__open_holds=0),
        stage="fulfillment",
    ),
    Queue(
        _("Delivery failed"),
        "/shipments/?status=delivery_failed",
        "fulfillment.view",
        lambda: Parcel.objects.filter(status="delivery_failed"),
        alarming=True,
        stage="shipments",
    ),
    Queue(
        _("Returned to sender"),
        "/shipments/?status=return_to_sender,returned",
        "fulfillment.view",
        lambda: Parcel.objects.filter(
            status__in=["return_to_sender", "returned"], order__status="confirmed"
        ),
        alarming=True,
        stage="shipments",
    ),
)


def shipments_of_order(request: StaffRequest, order: Order) -> str:
    """The panel on an order's page: its work and its parcels."""
    work = FulfillmentOrder.objects.filter(order=order).exclude(status="cancelled")
    return render_to_string(
        "fulfillment/desk/order_panel.html",
        {
            "work": work.select_related("warehouse").order_by("pk"),
            "lacking": letters_without_font(order),
            "may_label": may_open(request.actor, Purpose.PACKING),
            "parcels": Parcel.objects.filter(order=order)
            .exclude(status="cancelled", shipped_at__isnull=True)
            .order_by("pk"),
        },
        request,
    )


def scans_of_order(order: Order) -> list[Step]:
    """What carriers said about an order's parcels, as steps of its timeline."""
    scans = TrackingEvent.objects.filter(parcel__order=order).select_related("parcel")
    return [
        {
            "at": scan.at,
            "text": " · ".join(
                str(part)
                for part in (
                    scan.parcel.tracking_number,
                    scan.get_state_display(),
                    scan.code if scan.state == "unknown" else "",
                    scan.place,
                    scan.description,
                )
                if part
            ),
            "by": scan.parcel.carrier,
            "icon": "scan",
            "order": (3, scan.pk),
            "group": "scans",
        }
        for scan in scans.order_by("pk")
    ]


def find(text: str, actor: Actor) -> str:
    """The page of the order whose parcel has exactly this tracking number."""
    parcel = numbered(parcels_visible_to(actor), text).select_related("order").first()
    return f"/orders/{parcel.order.number}/" if parcel else ""


def suggest(text: str, actor: Actor) -> list[tuple[str, str, str, str]]:
    """The parcels whose tracking number begins with this."""
    if len(number_key(text)) < 4 or not text.isascii() or "fulfillment.view" not in actor.verbs:
        return []
    parcels = parcels_visible_to(actor).filter(number_key__startswith=number_key(text))
    return [
        (p.tracking_number, str(p.get_status_display()), f"/orders/{p.order.number}/", "")
        for p in parcels.select_related("order").order_by("number_key", "-pk")[:3]
    ]
