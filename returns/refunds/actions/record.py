"""Writes what became of a refund on its order's timeline and in the outbox, and locks it behind its order."""

from datetime import datetime

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import NotFound
from erp.events.record import record_event
from orders.models import Order
from orders.order.actions.timeline import append_event, lock_order
from returns.refunds.models import Refund
from returns.refunds.states import REFUND


def advance(refund_id: int, verb: str, by: Actor) -> tuple[Refund, Order]:
    """Lock a refund behind its order and give it its next status, unsaved. Raises NotFound, IllegalTransition."""
    require(by, f"refunds.{verb}")
    found = Refund.objects.filter(pk=refund_id).values("order_id").first()
    if found is None or found["order_id"] is None:
        raise NotFound
    order = lock_order(found["order_id"])
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    refund.status = REFUND.next_state(refund.status, verb)
    return refund, order


def tell(refund: Refund, order: Order, step: str, by: Actor, now: datetime) -> None:
    """Write a step of a refund ("approved") on its order's timeline, and let others know."""
    topic = f"refund.{step}"
    append_event(
        order_id=order.pk,
        kind=topic,
        by=by,
        now=now,
        data={
            "refund": refund.number,
            "amount": str(refund.amount),
            "currency": refund.currency,
        },
    )
    record_event(
        topic,
        subject=f"refund:{refund.pk}",
        channel_id=refund.channel_id,
        refund_id=refund.pk,
        order_id=order.pk,
    )
