"""Queues a channel notification for each shipped parcel."""

from datetime import datetime

from erp.events.models import Event
from fulfillment.planning.models import Parcel
from orders.intake.shops.actions.notifications import queue_notification
from orders.order.links import tracking_url
from orders.order.queries import origins_of


def tell_channel(*, event: Event, now: datetime) -> None:
    """On shipment.shipped: queue a channel notification with the parcel and its tracking."""
    parcel = Parcel.objects.select_related("order").get(pk=event.facts["parcel_id"])
    lines = list(parcel.lines.select_related("order_line").order_by("pk"))
    origin = origins_of(
        parcel.order_id
    )  # of what was merged in or split off, the channel's own order
    for order_id in sorted({origin.get(x.order_line_id, parcel.order_id) for x in lines}):
        queue_notification(
            order_id=order_id,
            kind="shipped",
            key=f"parcel:{parcel.pk}",
            now=now,
            said={
                "lines": [
                    {"key": x.order_line.key, "quantity": x.quantity}
                    for x in lines
                    if x.order_line.key and origin.get(x.order_line_id, parcel.order_id) == order_id
                ],
                "tracking_number": parcel.tracking_number,
                "carrier": parcel.carrier,
                "url": tracking_url(parcel.order.number, parcel.order.links_withdrawn),
                "is_last": parcel.order.fulfillment_status == "fulfilled",
            },
        )
