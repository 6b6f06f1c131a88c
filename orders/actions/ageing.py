"""Orders that are not paid: their customers are reminded, then they expire and their stock is free."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q

from erp.access.models import Actor
from erp.access.queries import require
from erp.events.record import record_event
from inventory import actions as inventory
from orders.actions.advancing import append_event, lock_order
from orders.models import Hold, Order, OrderLine
from orders.states import ORDER

AT_ONCE = 200
HOUR = timedelta(hours=1)


def unpaid_to_remind(*, now: datetime) -> list[int]:
    """Ids of orders whose customers are to be reminded now, the oldest first."""
    return _due("remind_unpaid_hours", now, Q(reminded_at=None))


def unpaid_to_expire(*, now: datetime) -> list[int]:
    """Ids of orders that have waited for their payment too long, the oldest first."""
    return _due("expire_unpaid_hours", now, Q())


def _due(limit: str, now: datetime, more: Q) -> list[int]:
    hours = F(f"channel__policy__{limit}")
    rows = Order.objects.filter(
        more, status="pending", payment_status="unpaid", payment_method__in=("prepaid", "unpaid"),
        is_history=False, **{f"channel__policy__{limit}__isnull": False},
    )  # fmt: skip
    late = rows.annotate(
        due_at=ExpressionWrapper(F("placed_at") + hours * HOUR, DateTimeField())
    )
    return list(
        late.filter(due_at__lte=now)
        .order_by("placed_at", "pk")
        .values_list("pk", flat=True)[:AT_ONCE]
    )


@transaction.atomic(savepoint=False)
def remind_unpaid(*, order_id: int, by: Actor, now: datetime) -> bool:
    """Remind a customer once that an order waits for their payment; say whether that was due still."""
    require(by, "orders.pay")
    order = lock_order(order_id)
    if order.status != "pending" or order.payment_status != "unpaid" or order.reminded_at:
        return False
    order.reminded_at = order.updated_at = now
    order.save(update_fields=["reminded_at", "updated_at"])
    append_event(order_id=order.pk, kind="payment.reminded", by=by, now=now)
    record_event(
        "order.unpaid",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    return True


@transaction.atomic(savepoint=False)
def expire_order(*, order_id: int, by: Actor, now: datetime) -> bool:
    """End an order that was never paid; its stock is free at once. Says whether that was due still."""
    require(by, "orders.expire")
    order = lock_order(order_id)
    if order.status != "pending" or order.payment_status != "unpaid":
        return False
    order.status = ORDER.next_state(order.status, "expire")
    order.ended_at = order.updated_at = now
    order.open_holds = 0
    order.save(update_fields=["status", "ended_at", "updated_at", "open_holds"])
    Hold.objects.filter(order=order, released_at=None).update(released_at=now, released_by=by)
    lines = OrderLine.objects.filter(order=order)
    ids = list(lines.values_list("pk", flat=True))
    lines.update(
        quantity_cancelled=F("quantity_ordered"), quantity_reserved=0, quantity_backordered=0
    )
    inventory.release_stock(holder_kind="order_line", holder_ids=ids, by=by)
    append_event(order_id=order.pk, kind="expired", by=by, now=now)
    record_event(
        "order.expired",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    return True
