"""Records refunds that an order's channel made, beside those that were decided here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from erp.access.models import Actor
from erp.access.queries import require
from erp.document_numbers import next_number
from erp.money import rounded
from orders.models import Order, OrderLine
from orders.order.actions.progress import record_refunded
from orders.order.actions.timeline import lock_order
from orders.payments.actions.record import refund_payment
from returns.refunds.actions.call_off import divide
from returns.refunds.actions.propose import propose_owed_refund
from returns.refunds.actions.record import tell
from returns.refunds.actions.settle import approve_refund, complete_refund, reject_refund
from returns.refunds.models import Refund, RefundLine
from returns.refunds.queries import is_paid_back_by_channel, purse_of, units_refunded
from returns.refunds.states import CANCELLED, CHANNEL_REFUND, ENDED_ORDER, TAKEN_OFF, RefundStatus

ZERO = Decimal(0)
# Of ours, those that the channel may carry out: one that was submitted, a payment provider of ours pays.
WAITING = (RefundStatus.PROPOSED, RefundStatus.APPROVED)


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
    paid = _pays_for(order, units, amount)
    refund = _create(order, key, amount, now)
    _give_lines(refund, paid)
    refund_payment(order=order, amount=amount, reference=refund.number, by=by, now=now)
    record_refunded(order=order, units=paid.stays, now=now)
    tell(refund, order, "completed", by, now)
    _trim(order, by, now)
    return refund


@dataclass(frozen=True, slots=True)
class _Paid:
    """What a channel's refund pays for: units by order line id that stay in the order, and that it took off.

    taken_off   the part of its amount that is for the latter
    """

    stays: Mapping[int, int]
    gone: Mapping[int, int]
    taken_off: Decimal


def _pays_for(order: Order, units: Mapping[int, int], amount: Decimal) -> _Paid:
    """Tell units that stay in the order and whose price went back from those that were taken off it.

    What was taken off is in no total any more: counted as refunded it would be missing from later returns. Of a
    refund that is for both, lines of which nothing is wanted were taken off. One that names units which were
    cancelled pays for those, in place of a refund of ours that waits.
    """
    refunded = units_refunded(order_lines=list(units), statuses=())
    lines = list(OrderLine.objects.filter(order=order, pk__in=units).order_by("pk"))
    instead = order.status in ENDED_ORDER or any(line.quantity_cancelled for line in lines)
    taken_off = min(amount, purse_of(order, but=WAITING if instead else ()).unpaid_back)
    stays, gone = {}, {}
    for line in lines:
        is_gone = taken_off and (taken_off == amount or not line.quantity_open)
        free = line.quantity_ordered - refunded.get(line.pk, 0)
        if is_gone and units[line.pk] > 0:
            gone[line.pk] = units[line.pk]
        elif (count := min(units[line.pk], free)) > 0:
            stays[line.pk] = count
    return _Paid(stays, gone, taken_off)


def _create(order: Order, key: str, amount: Decimal, now: datetime) -> Refund:
    return Refund.objects.create(
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


def _give_lines(refund: Refund, paid: _Paid) -> None:
    """Write what a refund pays for, by order line; the first line has the whole amount, which no channel divides."""
    _give(refund, paid.gone, paid.taken_off, is_unshipped=True)
    _give(refund, paid.stays, refund.amount - paid.taken_off, is_unshipped=False)


def _give(refund: Refund, units: Mapping[int, int], amount: Decimal, *, is_unshipped: bool) -> None:
    if not units and not amount:
        return
    lines: list[int | None] = [*sorted(units)] or [None]
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            order_line_id=pk,
            quantity=units.get(pk, 0) if pk else 0,
            amount=amount if position == 0 else ZERO,
            is_unshipped=is_unshipped,
        )
        for position, pk in enumerate(lines)
    )


@transaction.atomic(savepoint=False)
def settle_channel_refunds(*, order_id: int, now: datetime) -> None:
    """Say of a channel's refunds that they pay for what it took off an order after it had given the money back.

    Its refund and its change of the lines come as two messages, in any order.
    """
    order = lock_order(order_id)
    rows = RefundLine.objects.filter(
        refund__order=order,
        refund__reason=CHANNEL_REFUND,
        refund__is_history=False,
        is_unshipped=False,
    )
    back: dict[int, int] = {}
    for row in rows.select_related("refund").order_by("pk"):
        taken_off = min(row.amount, purse_of(order).unpaid_back)
        if taken_off <= 0:
            continue
        is_whole = taken_off == row.amount
        if row.order_line_id is not None and is_whole:
            back[row.order_line_id] = back.get(row.order_line_id, 0) + row.quantity
        divide(row=row, units=row.quantity if is_whole else 0, amount=taken_off)
    record_refunded(order=order, units={pk: -count for pk, count in back.items()}, now=now)


@transaction.atomic(savepoint=False)
def settle_refunded_units(*, order_id: int, less: Mapping[int, int], now: datetime) -> None:
    """Say that a channel had paid back units before they were taken off here: they are not owed once more.

    less   units that were taken off, by order line id. They are such as never shipped, and as far as its channel
           paid back more of a line than has shipped, those.
    """
    order = lock_order(order_id)
    for line in OrderLine.objects.filter(order=order, pk__in=less).order_by("pk"):
        gone = min(less[line.pk], line.quantity_refunded - line.quantity_shipped)
        for row in _stays(order, line):
            if gone <= 0:
                break
            count = min(gone, row.quantity)
            gone -= count
            _take_off(row, count, purse_of(order).unpaid_back)
            record_refunded(order=order, units={line.pk: -count}, now=now)


def _stays(order: Order, line: OrderLine) -> list[RefundLine]:
    """What a channel's refunds paid back of a line that stayed in its order, the newest first."""
    rows = RefundLine.objects.filter(
        refund__order=order,
        refund__reason=CHANNEL_REFUND,
        refund__is_history=False,
        is_unshipped=False,
        order_line=line,
        quantity__gt=0,
    )
    return list(rows.select_related("refund").order_by("-pk"))


def _take_off(row: RefundLine, units: int, most: Decimal) -> None:
    """Divide units and their share of the refund from a line of it; no channel says which line its amount is for."""
    others = RefundLine.objects.filter(refund=row.refund, is_unshipped=False)
    sums = others.aggregate(units=Sum("quantity"), amount=Sum("amount"))
    share = rounded(sums["amount"] * units / sums["units"], row.refund.currency)
    left = min(share, most)
    divide(row=row, units=units, amount=ZERO)
    for holder in others.filter(amount__gt=0).order_by("pk"):
        part = min(left, holder.amount)
        divide(row=holder, units=0, amount=part)
        left -= part


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
    """Take back proposals of a locked order that are more than is left to give; what is owed is proposed anew.

    So are those for what was taken off, once that is paid.
    """
    waiting = Refund.objects.filter(order=order, status__in=WAITING, is_history=False)
    for refund in sorted(waiting, key=lambda r: (r.reason != CANCELLED, -r.pk)):
        purse = purse_of(order)
        if purse.left < 0 or (purse.is_paid_back_twice and refund.reason in TAKEN_OFF):
            reject_refund(refund_id=refund.pk, by=by, now=now)
    if order.status in ENDED_ORDER and not is_paid_back_by_channel(order.pk):
        propose_owed_refund(order_id=order.pk, by=by, now=now)
