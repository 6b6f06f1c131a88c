"""What returns does when it hears of an order. Called by the relay, once per event."""

from datetime import datetime

from erp.access.queries import job_actor
from erp.events.models import Event
from returns import actions


def propose_refund_of_cancelled(*, event: Event, now: datetime) -> None:
    """On order.cancelled: propose to give back what was captured."""
    actions.propose_cancelled_refund(
        order_id=event.facts["order_id"], by=job_actor("relay"), now=now
    )
