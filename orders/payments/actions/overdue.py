"""Reminds customers of unpaid orders, expires them and holds overdue balances."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q

from erp.access.models import Actor
from erp.access.queries import require
from erp.events.record import record_event
from inventory.stock.actions.reserve import release_stock
from orders.order.actions.holds import AT_ONCE, hold_for_finding
from orders.order.actions.life import end_holds, release_uses
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Hold, Order, OrderLine
from orders.order.states import ORDER
from orders.policies.payment_methods import AWAIT_PAYMENT

BALANCE_OVERDUE = "balance_overdue"


HOUR = timedelta(hours=1)


BALANCE_NOTICE = timedelta(days=1)  # before a balance is due its customer is reminded


def unpaid_to_remind(*, now: datetime, but: Collection[int] = ()) -> list[int]:
    """Ids of orders whose customers are to be reminded now, the oldest first."""
    return _due("remind_unpaid_hours", now, Q(reminded_at=None), but)


def unpaid_to_expire(*, now: datetime, but: Collection[int] = ()) -> list[int]:
    """Ids of orders that have waited for their payment too long, the oldest first."""
    return _due("expire_unpaid_hours", now, Q(), but)


def _due(limit: str, now: datetime, more: Q, but: Collection[int]) -> list[int]:
    hours = F(f"channel__policy__{limit}")
    rows = Order.objects.filter(
        more,
        status="pending",
        payment_status="unpaid",
        payment_method__in=AWAIT_PAYMENT,
        is_history=False,
        **{f"channel__policy__{limit}__isnull": False},
    )
    late = rows.annotate(due_at=ExpressionWrapper(F("placed_at") + hours * HOUR, DateTimeField()))
    return list(
        late.filter(due_at__lte=now)
        .exclude(pk__in=but)
        .order_by("placed_at", "pk")
        .values_list("pk", flat=True)[:AT_ONCE]
    )


def balances_to_remind(*, now: datetime, but: Collection[int] = ()) -> list[int]:
    """Ids of orders whose deposit is paid and whose balance is due soon, nobody reminded yet."""
    return _balances(now + BALANCE_NOTICE, Q(reminded_at=None), but)


def balances_overdue(*, now: datetime, but: Collection[int] = ()) -> list[int]:
    """Ids of orders whose balance was due and has not come, and that nobody looks at yet."""
    held = Hold.objects.filter(
        order=OuterRef("pk"), reason=BALANCE_OVERDUE, opened_at__gte=OuterRef("balance_due_at")
    )
    return _balances(now, Q(~Exists(held)), but)


def _balances(due: datetime, more: Q, but: Collection[int]) -> list[int]:
    rows = Order.objects.filter(
        more, status="pending", payment_status="part_paid", balance_due_at__lte=due
    )
    rows = rows.exclude(pk__in=but)
    return list(rows.order_by("balance_due_at", "pk").values_list("pk", flat=True)[:AT_ONCE])


@transaction.atomic(savepoint=False)
def hold_overdue_balance(*, order_id: int, by: Actor, now: datetime) -> bool:
    """Hold an order whose balance is overdue, for a person; say whether that was due still.

    What becomes of the deposit is the merchant's to say: nothing is cancelled by itself. A later day that it is
    given and that passes as well is overdue anew.
    """
    order = lock_order(order_id)
    due = order.balance_due_at
    if order.status != "pending" or order.payment_status != "part_paid" or due is None or due > now:
        return False
    held = Hold.objects.filter(order=order, reason=BALANCE_OVERDUE, opened_at__gte=due)
    if held.exists():
        return False
    hold_for_finding(order_id=order.pk, finding=BALANCE_OVERDUE, by=by, now=now)
    return True


@transaction.atomic(savepoint=False)
def remind_unpaid(*, order_id: int, by: Actor, now: datetime) -> bool:
    """Remind a customer once that an order waits for their payment, or for the rest of it.

    Says whether that was due still.
    """
    require(by, "orders.pay")
    order = lock_order(order_id)
    waits = {"unpaid", "part_paid"} if order.balance_due_at else {"unpaid"}
    if order.status != "pending" or order.payment_status not in waits or order.reminded_at:
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
    """Expire an unpaid order and release its stock. Returns whether it was still due."""
    require(by, "orders.expire")
    order = lock_order(order_id)
    if order.status != "pending" or order.payment_status != "unpaid":
        return False
    order.status = ORDER.next_state(order.status, "expire")
    order.ended_at = order.updated_at = now
    order.open_holds = 0
    order.save(update_fields=["status", "ended_at", "updated_at", "open_holds"])
    end_holds(order=order, by=by, now=now)
    lines = OrderLine.objects.filter(order=order)
    ids = list(lines.values_list("pk", flat=True))
    lines.update(
        quantity_cancelled=F("quantity_ordered"), quantity_reserved=0, quantity_backordered=0
    )
    release_uses(order_id=order.pk, now=now)
    release_stock(holder_kind="order_line", holder_ids=ids)
    append_event(order_id=order.pk, kind="expired", by=by, now=now)
    record_event(
        "order.expired",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    return True
