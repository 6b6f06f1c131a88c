"""Trims proposals of refunds to what is left to give after a channel gave money back."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from erp.access.models import Actor
from erp.money import plain
from orders.intake.following.decisions.follow import BEYOND
from orders.models import Hold, Order
from orders.order.actions.holds import hold_once
from orders.order.states import ENDED_UNSERVED
from returns.refunds.actions.propose import propose_owed_refund, propose_refund
from returns.refunds.actions.settle import reject_refund
from returns.refunds.models import Refund
from returns.refunds.queries import is_paid_back_by_channel, purse_of
from returns.refunds.states import CANCELLED, TAKEN_OFF, WAITING, RefundStatus


@transaction.atomic(savepoint=False)
def trim_proposals(*, order: Order, by: Actor, now: datetime) -> None:
    """Take back proposals of a locked order that are more than is left to give; what is owed is proposed anew.

    So are those for what was taken off, once that is paid. One that was submitted is on its way: a person looks.
    """
    waiting = Refund.objects.filter(order=order, status__in=WAITING, is_history=False)
    is_owed = order.status in ENDED_UNSERVED and not is_paid_back_by_channel(order.pk)
    for refund in sorted(waiting, key=lambda r: (r.reason != CANCELLED, -r.pk)):
        purse = purse_of(order)
        if purse.left < 0 or (purse.is_paid_back_twice and _is_of_what_is_gone(refund)):
            reject_refund(refund_id=refund.pk, by=by, now=now)
            _propose_rest(order, refund, by, now)
            is_owed |= order.status not in ENDED_UNSERVED and _is_of_what_is_gone(refund)
    if is_owed:
        propose_owed_refund(order_id=order.pk, by=by, now=now)
    submitted = Refund.objects.filter(order=order, status=RefundStatus.SUBMITTED, is_history=False)
    if (twice := purse_of(order).paid_back_twice) and submitted.exists():
        hold_beyond(order=order, amount=twice, by=by, now=now)


def _is_of_what_is_gone(refund: Refund) -> bool:
    return refund.reason in TAKEN_OFF or refund.lines.filter(is_unshipped=True).exists()


def _propose_rest(order: Order, refund: Refund, by: Actor, now: datetime) -> None:
    """Propose what is left to give of a refund that was more: of one of ours what is owed is proposed already."""
    left = purse_of(order).left
    if left > 0 and not _is_of_what_is_gone(refund):
        propose_refund(
            order_id=order.pk,
            return_id=refund.authorization_id,
            amount=min(left, refund.amount),
            reason=refund.reason,
            note=refund.note,
            proposer=refund.proposed_for_id,
            by=by,
            now=now,
        )


@transaction.atomic(savepoint=False)
def hold_beyond(*, order: Order, amount: Decimal, by: Actor, now: datetime) -> None:
    """Hold a locked order whose channel gave back more than was left: some of it may have gone twice.

    A hold that nobody has looked at yet names each such amount.
    """
    if amount <= 0:
        return
    waits = Hold.objects.filter(order=order, reason=BEYOND, released_at=None).first()
    names = [*(waits.params.get("names", []) if waits else [])]
    names.append(f"{plain(amount, order.currency)} {order.currency}")
    hold_once(order_id=order.pk, finding=BEYOND, names=names, by=by, now=now)
    order.refresh_from_db()
