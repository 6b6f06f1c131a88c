"""What fulfillment does when it hears of an order. Called by the relay, once per event."""

from datetime import datetime, timedelta

from celery import shared_task
from django.utils import timezone

from erp.access.queries import job_actor
from erp.events.models import Event
from erp.jobs.actions import begin_round
from erp.once import perform
from fulfillment import actions
from fulfillment.models import Parcel
from fulfillment.transit import transit_days
from orders.intake.shops.actions.news import owe_news
from orders.models import Order
from orders.order.document import tracking_url
from orders.order.queries import origins_of
from orders.routing.actions import promises
from orders.routing.actions.carriers import match_carrier


def plan_confirmed_order(*, event: Event, now: datetime) -> None:
    """On order.confirmed and order.released: give the warehouse its work."""
    order_id = event.facts["order_id"]
    status = Order.objects.values_list("status", flat=True).get(pk=order_id)
    if status != "confirmed":
        return  # cancelled meanwhile: there is no work to give
    by = job_actor("relay")
    match_carrier(order_id=order_id, by=by, now=now)
    actions.plan_order(order_id=order_id, by=by, now=now)
    actions.release_planned(order_id=order_id, by=by, now=now)


def plan_allocated(*, event: Event, now: datetime) -> None:
    """On order.allocated: goods that an order waited for have come; plan them too."""
    plan_confirmed_order(event=event, now=now)


def cut_short(*, event: Event, now: datetime) -> None:
    """On order.short: the warehouse stops looking for goods that are not there."""
    actions.cut_short_work(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)


def cancel_planned(*, event: Event, now: datetime) -> None:
    """On order.cancelled: call the work off."""
    actions.cancel_open_work(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)


@shared_task(
    name="fulfillment.tasks.learn_transit",
    ignore_result=True,
    acks_late=True,
    soft_time_limit=280,
    time_limit=300,
)
def learn_transit(**_: object) -> None:
    """Once a day: let shipping services promise what their deliveries have taken."""
    now, by = timezone.now(), job_actor("scheduler")
    if not perform(begin_round, name="transit", every=timedelta(days=1), due=True, now=now):
        return
    for (code, currency), (p50, p90, _parcels) in sorted(transit_days(now).items()):
        perform(
            promises.learn_transit, code=code, currency=currency, p50=p50, p90=p90, by=by, now=now
        )


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
