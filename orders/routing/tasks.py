"""Revises promises on goods, edits and holds."""

from datetime import datetime

from erp.access.queries import job_actor
from erp.events.models import Event
from orders.routing.actions.promises import revise_promise

CAUSES = {
    "order.released": "hold_ended",
    "order.allocated": "goods_came",
    "order.edited": "order_changed",
}


def promise_again(*, event: Event, now: datetime) -> None:
    """On goods, edits and ended holds: revise the promise."""
    revise_promise(
        order_id=event.facts["order_id"],
        cause=CAUSES[event.topic],
        by=job_actor("relay"),
        now=now,
    )
