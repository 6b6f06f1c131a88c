"""Plans fulfillment orders on order events and cancels them with their order."""

from collections.abc import Sequence
from datetime import datetime

from erp.access.queries import job_actor
from erp.events.models import Event
from erp.events.sets import acts_in_sets
from fulfillment.planning.actions import cancel_open_work, cut_short_work, plan_confirmed


@acts_in_sets
def plan_confirmed_order(*, events: Sequence[Event], now: datetime) -> None:
    """On order.confirmed and order.released: give the warehouse its work."""
    orders = [event.facts["order_id"] for event in events]
    plan_confirmed(order_ids=orders, by=job_actor("relay"), now=now)


@acts_in_sets
def plan_allocated(*, events: Sequence[Event], now: datetime) -> None:
    """On order.allocated: goods that orders waited for have come; plan them too."""
    plan_confirmed_order(events=events, now=now)


def cut_short(*, event: Event, now: datetime) -> None:
    """On order.short: the warehouse stops looking for goods that are not there."""
    cut_short_work(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)


def cancel_planned(*, event: Event, now: datetime) -> None:
    """On order.cancelled: cancel its fulfillment orders."""
    cancel_open_work(order_id=event.facts["order_id"], by=job_actor("relay"), now=now)
