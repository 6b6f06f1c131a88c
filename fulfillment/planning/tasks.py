"""Plans fulfillment orders on order events and cancels them with their order."""

from datetime import datetime

from erp.access.queries import job_actor
from erp.events.models import Event
from fulfillment.planning.actions import cancel_open_work, cut_short_work, plan_order
from orders.models import Order
from orders.routing.actions.carriers import match_carrier


def plan_confirmed_order(*, event: Event, now: datetime) -> None:
    """On order.confirmed and order.released: give the warehouse its work."""
    order_id = event.facts["order_id"]
    status = Order.objects.values_list("status", flat=True).get(pk=order_id)
    if status != "confirmed":
        return  # cancelled meanwhile: there is no work to give
    by = job_actor("relay")
    match_carrier(order_id=order_id, by=by, now=now)
    plan_order(order_id=order_id, by=by, now=now)


def plan_allocated(*, event: Event, now: datetime) -> None:
    """On order.allocated: goods that an order waited for have come; plan them too."""
    plan_confirmed_order(event=event, now=now)


def cut_short(*, event: Event, now: datetime) -> None:
    """On order.short: the warehouse stops looking for goods that are not there."""
    cut_short_work(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)


def cancel_planned(*, event: Event, now: datetime) -> None:
    """On order.cancelled: cancel its fulfillment orders."""
    cancel_open_work(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)
