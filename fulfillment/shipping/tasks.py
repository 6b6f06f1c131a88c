"""Channels hear of what was shipped."""

from datetime import datetime

from erp.events.models import Event
from fulfillment.planning.models import Parcel
from orders.intake.shops.actions.news import owe_news
from orders.order.document import tracking_url
from orders.order.queries import origins_of


def tell_channel(*, event: Event, now: datetime) -> None:
    """On shipment.shipped: the order's channel is owed to know what left, and how it is followed."""
    parcel = Parcel.objects.select_related("order").get(pk=event.facts["parcel_id"])
    lines = list(parcel.lines.select_related("order_line").order_by("pk"))
    origin = origins_of(
        parcel.order_id
    )  # of what was merged in or split off, the channel's own order
    for order_id in sorted({origin.get(x.order_line_id, parcel.order_id) for x in lines}):
        owe_news(
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
                "url": tracking_url(parcel.order.number),
                "is_last": parcel.order.fulfillment_status == "fulfilled",
            },
        )
