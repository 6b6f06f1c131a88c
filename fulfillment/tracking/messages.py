"""Notifies customers about their parcels."""

from datetime import datetime

from django.db.models import QuerySet

from erp.events.models import Event
from erp.messages.compose import Notification, queue_messages
from fulfillment.planning.models import Parcel, ParcelLine
from orders.order.messages import OrderContext, order_context


class ParcelContext(OrderContext):
    """What a message about a parcel is filled with."""

    parcel: Parcel
    parcel_lines: QuerySet[ParcelLine]


def tell_shipped(*, event: Event, now: datetime) -> None:
    """On shipment.shipped: the parcel is on its way."""
    _tell(event, "shipped")


def tell_out_for_delivery(*, event: Event, now: datetime) -> None:
    """On shipment.out_for_delivery: it arrives today."""
    _tell(event, "out_for_delivery")


def tell_ready_for_pickup(*, event: Event, now: datetime) -> None:
    """On shipment.ready_for_pickup: it waits to be fetched."""
    _tell(event, "ready_for_pickup")


def tell_delivery_failed(*, event: Event, now: datetime) -> None:
    """On shipment.delivery_failed: nobody could take it in."""
    _tell(event, "delivery_failed")


def tell_return_to_sender(*, event: Event, now: datetime) -> None:
    """On shipment.return_to_sender: it goes back to us."""
    _tell(event, "return_to_sender")


def tell_delivered(*, event: Event, now: datetime) -> None:
    """On shipment.delivered: it has arrived."""
    _tell(event, "delivered")


def _tell(event: Event, template: str) -> None:
    parcel = Parcel.objects.prefetch_related("lines__order_line").get(pk=event.facts["parcel_id"])
    context = _context(parcel)
    queue_messages(
        notifications=[
            Notification(
                event=event,
                template=template,
                subject_ref=f"order:{parcel.order_id}",
                language=context["order"].language,
                recipient=context["email"],
                context=context,
                structured=parcel_json_ld(context),
            )
        ]
    )


def example() -> ParcelContext | None:
    """The newest shipped parcel's context, for looking at a template."""
    shipped = Parcel.objects.filter(shipped_at__isnull=False).order_by("-shipped_at", "-id")
    parcel = shipped.prefetch_related("lines__order_line").first()
    return _context(parcel) if parcel else None


def _context(parcel: Parcel) -> ParcelContext:
    return {
        **order_context(parcel.order_id),
        "parcel": parcel,
        "parcel_lines": parcel.lines.all(),
    }


def parcel_json_ld(context: ParcelContext) -> dict[str, object]:
    """The parcel as schema.org/ParcelDelivery."""
    order, parcel, address = context["order"], context["parcel"], context["address"]
    delivery: dict[str, object] = {
        "@type": "ParcelDelivery",
        "trackingNumber": parcel.tracking_number,
        "trackingUrl": context["tracking_url"],
        "carrier": {"@type": "Organization", "name": parcel.carrier},
        "partOfOrder": {
            "@type": "Order",
            "orderNumber": order.number,
            "merchant": {"@type": "Organization", "name": order.channel.name},
        },
        "itemShipped": [
            {"@type": "Product", "name": line.order_line.name, "sku": line.order_line.sku_code}
            for line in context["parcel_lines"]
        ],
    }
    if order.deliver_by:
        delivery["expectedArrivalFrom"] = str(order.deliver_from)
        delivery["expectedArrivalUntil"] = str(order.deliver_by)
    if address:
        delivery["deliveryAddress"] = {
            "@type": "PostalAddress",
            "name": address.name,
            "streetAddress": address.line1,
            "addressLocality": address.city,
            "addressRegion": address.region,
            "postalCode": address.postal_code,
            "addressCountry": address.country,
        }
    return delivery
