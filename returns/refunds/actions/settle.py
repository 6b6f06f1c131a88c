"""Approves, rejects, submits and completes refunds; what they pay for before it shipped is called off."""

from datetime import datetime

from django.db import transaction

from erp.access.models import Actor
from erp.approvals.actions import SIGNED, sign_approval
from orders.models import Order
from orders.order.actions.progress import record_refunded
from orders.order.actions.timeline import lock_order
from orders.order.states import ENDED_UNSERVED
from orders.payments.actions.provider_calls import (
    end_refund_calls,
    is_refund_pending,
    queue_refund,
)
from orders.payments.actions.record import refund_payment
from returns.refunds.actions.call_off import call_off_unshipped
from returns.refunds.actions.propose import propose_owed_refund
from returns.refunds.actions.record import advance, tell
from returns.refunds.models import Refund
from returns.refunds.queries import hands_in, is_paid_back_by_channel, weight_of_refund
from returns.refunds.states import TAKEN_OFF


@transaction.atomic(savepoint=False)
def approve_refund(*, refund_id: int, by: Actor, now: datetime) -> Refund:
    """Approve a refund. Units that it pays for and that have not shipped are cancelled: they do not ship any more.

    Raises SecondPersonNeeded above the limit, for who proposed it and for a job.
    """
    refund, order = advance(refund_id, "approve", by)
    weight = weight_of_refund(refund, now)
    sign_approval(row=refund, weight=weight, by=by, proposers=hands_in(refund))
    return _write_approved(refund, order, by, now)


@transaction.atomic(savepoint=False)
def follow_approved(*, refund_id: int, by: Actor, now: datetime) -> Refund:
    """Write down that a proposed refund is approved because its channel has carried it out.

    The money has gone back: nobody decides it here, so nobody's second person is asked for.
    """
    refund, order = advance(refund_id, "approve", by)
    refund.needs_second_person = False
    return _write_approved(refund, order, by, now)


def _write_approved(refund: Refund, order: Order, by: Actor, now: datetime) -> Refund:
    refund.approved_at = refund.updated_at = now
    refund.save(update_fields=["status", "approved_at", "updated_at", *SIGNED])
    tell(refund, order, "approved", by, now)
    call_off_unshipped(refund=refund, order=order, now=now)
    return refund


@transaction.atomic(savepoint=False)
def reject_refund(*, refund_id: int, by: Actor, now: datetime) -> Refund:
    """Reject a refund. What its order owes all the same, because it ended unserved or became less, is proposed anew."""
    refund, order = advance(refund_id, "reject", by)
    refund.updated_at = now
    refund.save(update_fields=["status", "updated_at"])
    tell(refund, order, "rejected", by, now)
    has_ended = order.status in ENDED_UNSERVED and not is_paid_back_by_channel(order.pk)
    is_owed = refund.reason in TAKEN_OFF or refund.lines.filter(is_unshipped=True).exists()
    if has_ended or (is_owed and order.status not in ENDED_UNSERVED):
        proposer = refund.proposed_for_id if is_owed else None  # who rejects it proposes nothing
        propose_owed_refund(order_id=order.pk, proposer=proposer, by=by, now=now)
    return refund


@transaction.atomic(savepoint=False)
def complete_refund(*, refund_id: int, by: Actor, now: datetime) -> Refund:
    """Complete a refund: the order's payments give the money, its lines are counted.

    Raises NotRefundable when less is left than the refund's amount.
    """
    refund, order = advance(refund_id, "complete", by)
    end_refund_calls(key=refund.number)
    refund.completed_at = refund.updated_at = now
    refund.save(update_fields=["status", "completed_at", "updated_at"])
    refund_payment(order=order, amount=refund.amount, reference=refund.number, by=by, now=now)
    record_refunded(order=order, units=_counted(refund), now=now)
    tell(refund, order, "completed", by, now)
    return refund


def _counted(refund: Refund) -> dict[int, int]:
    """Units that a refund's lines count, by order line id; no more than a change meanwhile left of the line."""
    units: dict[int, int] = {}
    rows = refund.lines.filter(order_line__isnull=False, is_unshipped=False)
    for row in rows.select_related("order_line").order_by("pk"):
        line = row.order_line
        assert line is not None, "it was asked for"
        left = line.quantity_ordered - line.quantity_refunded - units.get(line.pk, 0)
        if (count := min(row.quantity, left)) > 0:
            units[line.pk] = units.get(line.pk, 0) + count
    return units


@transaction.atomic(savepoint=False)
def submit_to_provider(*, refund_id: int, by: Actor, now: datetime) -> bool:
    """Have the payment provider that took the money give it back; False where none of ours did."""
    found = Refund.objects.filter(pk=refund_id).values("order_id", "status").first()
    if found is None or found["order_id"] is None or found["status"] != "approved":
        return False
    lock_order(found["order_id"])
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    if refund.status != "approved" or not queue_refund(
        order_id=found["order_id"], amount=refund.amount, key=refund.number
    ):
        return False
    refund, order = advance(refund_id, "submit", by)
    refund.updated_at = now
    refund.save(update_fields=["status", "updated_at"])
    tell(refund, order, "submitted", by, now)
    return True


@transaction.atomic(savepoint=False)
def complete_submitted(*, number: str, by: Actor, now: datetime) -> bool:
    """Complete a refund once every provider that was asked has given its part; whether that is so."""
    refund = Refund.objects.filter(number=number, status="submitted").first()
    if refund is None or is_refund_pending(key=number):
        return False
    complete_refund(refund_id=refund.pk, by=by, now=now)
    return True
