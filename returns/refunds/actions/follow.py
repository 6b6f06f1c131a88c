"""Records refunds that an order's channel made, beside those that were decided here."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from erp.document_numbers import next_number
from erp.money import rounded
from orders.models import Order, OrderLine
from orders.order.actions.progress import record_refunded
from orders.order.actions.timeline import lock_order
from orders.payments.actions.record import refund_payment
from returns.refunds.actions.propose import propose_owed_refund
from returns.refunds.actions.record import tell
from returns.refunds.actions.settle import approve_refund, complete_refund, reject_refund
from returns.refunds.models import Refund, RefundLine
from returns.refunds.queries import is_paid_back_by_channel, purse_of, units_refunded
from returns.refunds.states import CANCELLED, CHANNEL_REFUND, ENDED_ORDER, RefundStatus

ZERO = Decimal(0)
WAITING = (RefundStatus.PROPOSED, RefundStatus.APPROVED, RefundStatus.SUBMITTED)


@transaction.atomic(savepoint=False)
def record_channel_refund(
    *,
    order_id: int,
    key: str,
    amount: Decimal,
    units: Mapping[int, int],
    by: Actor,
    now: datetime,
) -> Refund | None:
    """Record a refund made by the order's channel; None when nothing is left to refund.

    key     the channel's id of it
    units   units by order line id that it was for, as far as the channel says
    What was decided here and carried out there is one refund: one of ours of the same amount, for no other units,
    that waits for its money is completed by this. One that is completed already is another: its money had gone
    back before. Proposals that are more than is left then become what is left.
    """
    require(by, "refunds.complete")
    order = lock_order(order_id)
    known = Refund.objects.filter(order=order, channel_key=key[:60]).first() if key else None
    if known is not None:
        return known
    if ours := _decided_here(order, rounded(amount, order.currency), units):
        return _carried_out(ours, key, by, now)
    purse = purse_of(order)
    amount = min(rounded(amount, order.currency), purse.captured - purse.refunded)
    if amount <= 0:
        return None
    lines = OrderLine.objects.filter(order=order, pk__in=units)
    refunded = units_refunded(order_lines=list(units), statuses=())
    counted = {
        line.pk: max(0, min(units[line.pk], line.quantity_ordered - refunded.get(line.pk, 0)))
        for line in lines
    }
    refund = _create(order, key, amount, counted, now)
    refund_payment(order=order, amount=amount, reference=refund.number, by=by, now=now)
    record_refunded(order=order, units={k: n for k, n in counted.items() if n}, now=now)
    tell(refund, order, "completed", by, now)
    _trim(order, by, now)
    return refund


def _create(
    order: Order, key: str, amount: Decimal, counted: Mapping[int, int], now: datetime
) -> Refund:
    refund = Refund.objects.create(
        number=next_number("RF", "returns_refund"),
        order=order,
        channel_id=order.channel_id,
        status=RefundStatus.COMPLETED,
        reason=CHANNEL_REFUND,
        channel_key=key[:60],
        amount=amount,
        currency=order.currency,
        proposed_at=now,
        approved_at=now,
        completed_at=now,
        updated_at=now,
    )
    _give_lines(refund, counted)
    return refund


def _give_lines(refund: Refund, counted: Mapping[int, int]) -> None:
    """Write the units of a refund by order line; the first has the whole amount, which no channel divides."""
    first = min((pk for pk, count in counted.items() if count), default=None)
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            order_line_id=pk,
            quantity=counted.get(pk, 0) if pk else 0,
            amount=refund.amount if pk == first else ZERO,
        )
        for pk in [first, *(k for k, count in sorted(counted.items()) if count and k != first)]
    )


def _decided_here(order: Order, amount: Decimal, units: Mapping[int, int]) -> Refund | None:
    """A refund of ours of that amount that waits for its money, and is for no other units than the channel's."""
    waiting = Refund.objects.filter(
        order=order, amount=amount, channel_key="", is_history=False, status__in=WAITING
    )
    theirs = {pk: count for pk, count in units.items() if count}
    for refund in waiting.exclude(reason=CHANNEL_REFUND).order_by("pk").prefetch_related("lines"):
        ours = {x.order_line_id: x.quantity for x in refund.lines.all() if x.quantity}
        if not ours or not theirs or ours == theirs:
            return refund
    return None


def _carried_out(refund: Refund, key: str, by: Actor, now: datetime) -> Refund:
    Refund.objects.filter(pk=refund.pk).update(channel_key=key[:60], updated_at=now)
    if refund.status == "proposed":
        approve_refund(refund_id=refund.pk, by=by, now=now)
    complete_refund(refund_id=refund.pk, by=by, now=now)
    refund.refresh_from_db()
    return refund


def _trim(order: Order, by: Actor, now: datetime) -> None:
    """Take back proposals of a locked order that are more than is left to give; what is owed is proposed anew."""
    waiting = Refund.objects.filter(
        order=order, status__in=(RefundStatus.PROPOSED, RefundStatus.APPROVED), is_history=False
    )
    for refund in sorted(waiting, key=lambda r: (r.reason != CANCELLED, -r.pk)):
        if purse_of(order).left >= 0:
            break
        reject_refund(refund_id=refund.pk, by=by, now=now)
    if order.status in ENDED_ORDER and not is_paid_back_by_channel(order.pk):
        propose_owed_refund(order_id=order.pk, by=by, now=now)
