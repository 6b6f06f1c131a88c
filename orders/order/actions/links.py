"""Withdraws the links that customers were sent."""

from datetime import datetime

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Order


@transaction.atomic(savepoint=False)
def withdraw_links(*, order_id: int, by: Actor, now: datetime) -> Order:
    """Have every link to an order that was given out until now end; the next message brings a new one."""
    require(by, "orders.hold")
    order = lock_order(order_id)
    order.links_withdrawn += 1
    order.updated_at = now
    order.save(update_fields=["links_withdrawn", "updated_at"])
    append_event(order_id=order.pk, kind="links.withdrawn", by=by, now=now)
    return order
