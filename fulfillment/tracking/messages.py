"""What customers are told about their parcels."""

from datetime import datetime
from typing import Any

from erp.events.models import Event
from erp.messages.composing import queue_message
from fulfillment.planning.models import Parcel
from orders.order.messages import order_context


def tell_shipped(*, event: Event, now: datetime) -> None:
    """On shipment.shipped: the parcel is on its way."""
    _tell(event, "shipped")


def tell_out_for_delivery(*, event: Event, now: datetime) -> None:
    """On shipment.out_for_delivery: it arrives today."""
    _tell(event, "out_for_delivery")


def tell_delivered(*, event: Event, now: datetime) -> None:
    """On shipment.delivered: it has arrived."""
    _tell(event, "delivered")


def _tell(event: Event, template: str) -> None:
    parcel = Parcel.objects.prefetch_related("lines__order_line").get(pk=event.facts["parcel_id"])
    context = _context(parcel)
    queue_message(
        event=event,
        template=template,
        subject_ref=f"order:{parcel.order_id}",
        language=context["order"].language,
        recipient=context["email"],
        context=context,
        structured=parcel_json_ld(context),
    )


def example() -> dict[str, Any] | None:
    """The newest shipped parcel's context, for looking at a template."""
    shipped = Parcel.objects.filter(shipped_at__isnull=False).order_by("-shipped_at", "-id")
    parcel = shipped.prefetch_related("lines__order_line").first()
    return _context(parcel) if parcel else None


def _context(parcel: Parcel) -> dict[str, Any]:
    return order_context(parcel.order_id) | {
        "parcel": parcel,
        "parcel_lines": parcel.lines.all(),
    }


def parcel_json_ld(context: dict[str, Any]) -> dict[str, Any]:
    """The parcel as schema.org/ParcelDelivery."""
    order, parcel, address = context["order"], context["parcel"], context["address"]
    delivery: dict[str, Any] = {
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
