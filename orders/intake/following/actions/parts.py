"""Reaches the parts of a channel's order: what was split off it here, and what that was merged into."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from erp.access.models import Actor
from orders.changes.actions.merge import merged_into
from orders.intake.following.decisions.follow import OPEN
from orders.intake.following.queries import family_of
from orders.order.actions.holds import hold_once
from orders.order.actions.timeline import lock_order
from orders.order.models.order import Order
from orders.order.models.payment import Payment
from orders.payments.actions.record import take_in

ZERO = Decimal(0)
MERGED_CHANGED = "merged_source_changed"


def locked_family(*, order: Order) -> list[Order]:
    """A locked order and all that were split off it, locked: its channel speaks of them as one."""
    return [order, *(lock_order(pk) for pk in family_of(order.pk)[1:])]


@transaction.atomic(savepoint=False)
def capture_for_parts(
    *, family: Sequence[Order], amount: Decimal, reference: str, by: Actor, now: datetime
) -> None:
    """Take in money for an order, and for what was split off it as far as that is not paid; the rest is the first's.

    What a part was merged into is paid in its place.
    """
    for order in reversed([_where_it_is(part, family) for part in family]):
        paid = Payment.objects.filter(order=order).aggregate(sum=Sum("captured"))["sum"] or ZERO
        is_first = order is family[0]
        share = amount if is_first else min(amount, max(ZERO, order.total - paid))
        if share <= 0 or (order.status not in OPEN and not is_first):
            continue
        amount -= share
        take_in(
            order=order,
            method=order.payment_method,
            amount=share,
            reference=reference if is_first else f"{reference}/{order.number}"[:200],
            by=by,
            now=now,
        )


def _where_it_is(part: Order, family: Sequence[Order]) -> Order:
    """A part of an order, or what it was merged into, locked; one of the parts stays that."""
    target = merged_into(part) if part.status == "merged" else None
    if target is None:
        return part
    return next((order for order in family if order.pk == target.pk), None) or lock_order(target.pk)


@transaction.atomic(savepoint=False)
def hold_where_it_went(*, part: Order, family: Sequence[Order], by: Actor, now: datetime) -> None:
    """Hold the order that a part was merged into: what its channel cancels is in it, beside what others want."""
    target = merged_into(part)
    if target is None or any(order.pk == target.pk for order in family):
        return
    target = lock_order(target.pk)
    if target.status in OPEN:
        hold_once(order_id=target.pk, finding=MERGED_CHANGED, by=by, now=now)
