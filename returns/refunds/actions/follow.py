"""Records refunds that an order's channel made, beside those that were decided here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q

from erp.access.models import Actor
from erp.access.queries import job_actor, require
from erp.document_numbers import next_number
from erp.money import rounded, split
from orders.models import Order, OrderLine
from orders.order.actions.progress import record_refunded
from orders.order.actions.timeline import lock_order
from orders.order.states import ENDED_UNSERVED
from orders.payments.actions.record import refund_payment
from returns.refunds.actions.call_off import divide
from returns.refunds.actions.credit import credit_refunds
from returns.refunds.actions.propose import propose_owed_refund, propose_refund
from returns.refunds.actions.record import tell
from returns.refunds.actions.settle import approve_refund, complete_refund, reject_refund
from returns.refunds.decisions import units_within
from returns.refunds.models import Refund, RefundLine
from returns.refunds.queries import is_paid_back_by_channel, purse_of, units_refunded
from returns.refunds.states import CANCELLED, CHANNEL_REFUND, TAKEN_OFF, RefundStatus

ZERO = Decimal(0)
MOST_OF_KEY = 56  # of a channel's id: its later parts are known by "<id>/2"
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
    amount  all that it gave back by it; what has come since it was recorded is a refund of its own, "<key>/2"
    units   units by order line id that it was for, as far as the channel says
    What was decided here and carried out there is one refund: one of ours of the same amount, for no other units,
    that waits for its money is completed by this. One that is completed already is another: its money had gone
    back before. Proposals that are more than is left then become what is left.
    """
    require(by, "refunds.complete")
    order = lock_order(order_id)
    key = key[:MOST_OF_KEY]
    known = _known(order, key)
    amount -= sum((refund.amount for refund in known), ZERO)
    if known and amount <= 0:
        return known[0]
    if known:
        units = _without(units, known)
        key = f"{key}/{len(known) + 1}"
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
    record_refunded(order=order, units={part.line: part.units for part in paid.stays}, now=now)
    tell(refund, order, "completed", by, now)
    _trim(order, by, now)
    return refund


@transaction.atomic(savepoint=False)
def record_family_refund(
    *,
    order_ids: Sequence[int],
    key: str,
    amount: Decimal,
    units: Mapping[int, int],
    by: Actor,
    now: datetime,
) -> None:
    """Record a refund that a channel made of an order which was split since: it does not know of which part.

    Each part has what its units are worth, as far as it was paid; the rest is the first's that has something left.
    """
    if len(order_ids) == 1:
        record_channel_refund(
            order_id=order_ids[0], key=key, amount=amount, units=units, by=by, now=now
        )
        return
    family = [lock_order(pk) for pk in order_ids]
    named = [_named_of(order, units) for order in family]
    rooms = [_room(order, key) for order in family]
    shares: list[Decimal] = []
    left = rounded(amount, family[0].currency)
    for order, its, room in zip(family, named, rooms, strict=True):
        shares.append(min(left, room, rounded(_worth_of(order, its), order.currency)))
        left -= shares[-1]
    for n, (order, its, room) in enumerate(zip(family, named, rooms, strict=True)):
        more = min(left, room - shares[n])
        left -= more
        if shares[n] + more > 0:
            record_channel_refund(
                order_id=order.pk, key=key, amount=shares[n] + more, units=its, by=by, now=now
            )


def _room(order: Order, key: str) -> Decimal:
    """What an order has left to give back, what was recorded of this refund counted in."""
    purse = purse_of(order)
    known = sum((refund.amount for refund in _known(order, key[:MOST_OF_KEY])), ZERO)
    return max(ZERO, purse.captured - purse.refunded + known)


def _named_of(order: Order, units: Mapping[int, int]) -> dict[int, int]:
    its = OrderLine.objects.filter(order=order, pk__in=units).values_list("pk", flat=True)
    return {pk: units[pk] for pk in its}


def _worth_of(order: Order, units: Mapping[int, int]) -> Decimal:
    lines = OrderLine.objects.filter(order=order, pk__in=units)
    return sum((_unit_worth(order, line) * units[line.pk] for line in lines), ZERO)


def _known(order: Order, key: str) -> list[Refund]:
    """The refunds that are known by a channel's id, the first one first."""
    if not key:
        return []
    its = Refund.objects.filter(
        Q(channel_key=key) | Q(channel_key__startswith=f"{key}/"), order=order
    )
    return list(its.order_by("pk").prefetch_related("lines"))


def _without(units: Mapping[int, int], known: Sequence[Refund]) -> dict[int, int]:
    """Units that a refund is for and those that are known of it were not."""
    left = dict(units)
    for refund in known:
        for line in refund.lines.all():
            if line.order_line_id in left:
                left[line.order_line_id] -= line.quantity
    return {line: count for line, count in left.items() if count > 0}


@dataclass(frozen=True, slots=True)
class _Part:
    """Units of a line that a channel's refund pays for, and what they are worth: what its amount is divided by.

    unshipped   of the units, those that cannot have shipped yet
    """

    line: int
    units: int
    worth: Decimal
    unshipped: int = 0


@dataclass(frozen=True, slots=True)
class _Paid:
    """What a channel's refund pays for: units that stay in the order, and that were taken off it.

    taken_off   the part of its amount that is for the latter
    """

    stays: Sequence[_Part]
    gone: Sequence[_Part]
    taken_off: Decimal


def _pays_for(order: Order, units: Mapping[int, int], amount: Decimal) -> _Paid:
    """Tell units that stay in the order and whose price went back from those that were taken off it.

    What was taken off is in no total any more: counted as refunded it would be missing from later returns. Of a
    refund that is for both, first lines of which nothing is wanted, then as many units as what was paid above the
    order is worth. One that names units which were cancelled pays for those, in place of a refund of ours that waits.
    """
    refunded = units_refunded(order_lines=list(units), statuses=())
    lines = list(OrderLine.objects.filter(order=order, pk__in=units).order_by("pk"))
    instead = order.status in ENDED_UNSERVED or any(line.quantity_cancelled for line in lines)
    taken_off = min(amount, purse_of(order, but=WAITING if instead else ()).unpaid_back)
    left = taken_off
    stays, gone = [], []
    for line in sorted(lines, key=lambda x: (x.quantity_open > 0, not x.quantity_cancelled, x.pk)):
        each, asked = _unit_worth(order, line), max(0, units[line.pk])
        is_whole = taken_off and (taken_off == amount or not line.quantity_open)
        off = asked if is_whole else units_within(left, each=each, most=asked)
        left -= off * each
        if off:
            gone.append(_Part(line.pk, off, off * each))
        before = refunded.get(line.pk, 0)
        if (count := min(asked - off, line.quantity_ordered - before)) > 0:
            ahead = max(0, min(count, before + count - line.quantity_shipped))
            stays.append(_Part(line.pk, count, count * each, ahead))
    return _Paid(stays, gone, taken_off)


def _unit_worth(order: Order, line: OrderLine) -> Decimal:
    """What a unit of a line is worth with its tax; of a line that costs nothing any more, as it was listed."""
    if line.total:  # of an order that ended it is still that of all units
        return line.total / (line.quantity_open or line.quantity_ordered)
    return line.unit_price * (1 if order.prices_include_tax else 1 + line.tax_rate)


def _create(order: Order, key: str, amount: Decimal, now: datetime) -> Refund:
    return Refund.objects.create(
        number=next_number("RF", "returns_refund"),
        order=order,
        channel_id=order.channel_id,
        status=RefundStatus.COMPLETED,
        reason=CHANNEL_REFUND,
        channel_key=key,
        amount=amount,
        currency=order.currency,
        proposed_at=now,
        approved_at=now,
        completed_at=now,
        updated_at=now,
    )


def _give_lines(refund: Refund, paid: _Paid) -> None:
    """Write what a refund pays for, by order line: its amount, divided by what the units are worth."""
    _give(refund, paid.gone, paid.taken_off, is_unshipped=True)
    _give(refund, paid.stays, refund.amount - paid.taken_off, is_unshipped=False)


def _give(refund: Refund, parts: Sequence[_Part], amount: Decimal, *, is_unshipped: bool) -> None:
    if not parts and not amount:
        return
    shares = split(amount, [part.worth for part in parts], refund.currency) if parts else [amount]
    named: Sequence[_Part | None] = parts or [None]  # none: shipping, goodwill
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            order_line_id=part.line if part else None,
            quantity=part.units if part else 0,
            unshipped_units=part.unshipped if part else 0,
            amount=share,
            is_unshipped=is_unshipped,
        )
        for part, share in zip(named, shares, strict=True)
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
    for row in rows.select_related("refund").order_by("pk"):
        taken_off = min(row.amount, purse_of(order).unpaid_back)
        if taken_off > 0:
            each = row.amount / row.quantity if row.quantity else ZERO
            units = units_within(taken_off, each=each, most=row.quantity)
            _settle(order, row, units, taken_off, now)
    credit_refunds(order_id=order.pk, by=job_actor("relay"), now=now)


@transaction.atomic(savepoint=False)
def settle_refunded_units(*, order_id: int, less: Mapping[int, int], now: datetime) -> None:
    """Say that a channel had paid back units before they were taken off here: they are not owed once more.

    less   units that were taken off, by order line id: those of them that were paid back before they shipped
    """
    order = lock_order(order_id)
    for line, count in sorted(less.items()):
        rows = RefundLine.objects.filter(
            refund__order=order,
            refund__reason=CHANNEL_REFUND,
            order_line=line,
            is_unshipped=False,
            unshipped_units__gt=0,
        )
        gone = count
        for row in rows.select_related("refund").order_by("-pk"):
            units, above = min(gone, row.unshipped_units), purse_of(order).unpaid_back
            if not units or above <= 0:  # a refund of ours pays for what it called off
                break
            share = rounded(row.amount * units / row.quantity, order.currency)
            _settle(order, row, units, min(share, above), now)
            gone -= units
    credit_refunds(order_id=order.pk, by=job_actor("relay"), now=now)


def _settle(order: Order, row: RefundLine, units: int, amount: Decimal, now: datetime) -> None:
    """Move units and their amount from what stays in an order to what was taken off it.

    The order's version moves on: a change that was paid back is not undone.
    """
    divide(row=row, units=units, amount=amount)
    Order.objects.filter(pk=order.pk).update(version=F("version") + 1)
    if units and row.order_line_id is not None:
        record_refunded(order=order, units={row.order_line_id: -units}, now=now)


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
    Refund.objects.filter(pk=refund.pk).update(channel_key=key, updated_at=now)
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
        if purse.left < 0 or (purse.is_paid_back_twice and _is_of_what_is_gone(refund)):
            reject_refund(refund_id=refund.pk, by=by, now=now)
            _propose_rest(order, refund, by, now)
    if order.status in ENDED_UNSERVED and not is_paid_back_by_channel(order.pk):
        propose_owed_refund(order_id=order.pk, by=by, now=now)


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
            by=by,
            now=now,
        )
