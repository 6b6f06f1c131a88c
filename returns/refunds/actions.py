"""Proposes, approves and completes refunds, independently of the goods."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.document_numbers import next_number
from erp.errors import Invalid, NotFound
from erp.events.record import record_event
from erp.money import minor_unit, rounded
from erp.queries import find_one
from orders.invoicing.actions import issue
from orders.models import Order, OrderLine, Payment
from orders.order.actions.progress import record_refunded
from orders.order.actions.timeline import append_event, lock_order
from orders.payments.actions.provider_calls import is_refund_pending, queue_refund
from orders.payments.actions.record import refund_payment
from returns.refunds.decisions import refundable
from returns.refunds.models import Refund, RefundLine
from returns.refunds.states import REFUND
from returns.rma.models import ReturnAuthorization

ZERO = Decimal(0)


CHANNEL_REFUND = "channel"  # why money went back that the channel gave


@transaction.atomic(savepoint=False)
def propose_refund(
    *,
    order_id: int,
    return_id: int | None = None,
    units: Mapping[int, int] | None = None,
    amount: Decimal | None = None,
    reason: str,
    note: str = "",
    by: Actor,
    now: datetime,
) -> Refund:
    """Propose to give money back.

    units    units by order line id whose price goes back; with a return and neither units
             nor amount, the units that were received
    amount   another amount than those units are worth, or one for no units at all
    Never more than was captured and is neither refunded nor proposed. Raises Invalid.
    """
    require(by, "refunds.propose")
    order = lock_order(order_id)
    if units is None and return_id is not None and amount is None:
        units = _received(return_id, order)
    lines = _worth(order, units or {})
    if amount is None:
        amount = sum((worth for _units, worth in lines.values()), ZERO)
    elif lines:
        lines = _scaled(lines, amount, order.currency)
    _check_amount(order, amount)
    refund = Refund.objects.create(
        number=next_number("RF", "returns_refund"),
        order=order,
        authorization_id=return_id,
        channel_id=order.channel_id,
        status=REFUND.initial,
        reason=reason[:30],
        amount=amount,
        currency=order.currency,
        note=note[:2000],
        proposed_at=now,
        updated_at=now,
    )
    rows = [
        RefundLine(refund=refund, order_line_id=pk, quantity=n, amount=worth)
        for pk, (n, worth) in sorted(lines.items())
    ]
    RefundLine.objects.bulk_create(rows or [RefundLine(refund=refund, amount=amount)])
    _record(refund, order, "refund.proposed", by, now)
    return refund


def _received(return_id: int, order: Order) -> dict[int, int]:
    authorization = find_one(ReturnAuthorization.objects.filter(pk=return_id, order=order))
    units: dict[int, int] = {}
    for line in authorization.lines.all():
        if line.order_line_id and line.quantity_received:
            units[line.order_line_id] = units.get(line.order_line_id, 0) + line.quantity_received
    return units


def _worth(order: Order, units: Mapping[int, int]) -> dict[int, tuple[int, Decimal]]:
    lines = {line.pk: line for line in OrderLine.objects.filter(order=order, pk__in=units)}
    pending = {
        row["order_line"]: row["units"]
        for row in RefundLine.objects.filter(
            order_line__in=lines, refund__status__in=("proposed", "approved", "submitted")
        )
        .values("order_line")
        .annotate(units=Sum("quantity"))
    }
    worth = {}
    for pk, quantity in units.items():
        line = lines.get(pk)
        if line is None:
            raise Invalid(_("Not a line of this order."))
        before = line.quantity_refunded + pending.get(pk, 0)
        if not 1 <= quantity <= line.quantity_ordered - before:
            raise Invalid(
                _("Only %(left)s of %(sku)s can still be refunded.")
                % {"left": line.quantity_ordered - before, "sku": line.sku_code}
            )
        amount = refundable(
            total=line.total,
            ordered=line.quantity_ordered,
            refunded=before,
            quantity=quantity,
            currency=order.currency,
            rounded=rounded,
        )
        worth[pk] = (quantity, amount)
    return worth


def _scaled(
    lines: dict[int, tuple[int, Decimal]], amount: Decimal, currency: str
) -> dict[int, tuple[int, Decimal]]:
    from erp.money import split

    keys = sorted(lines)
    shares = split(amount, [lines[key][1] for key in keys], currency)
    return {key: (lines[key][0], share) for key, share in zip(keys, shares, strict=True)}


def _check_amount(order: Order, amount: Decimal) -> None:
    if amount <= 0 or amount != amount.quantize(minor_unit(order.currency)):
        raise Invalid(_("A refund is above zero and has the currency's decimal places."))
    sums = Payment.objects.filter(order=order).aggregate(c=Sum("captured"), r=Sum("refunded"))
    open_refunds = (
        Refund.objects.filter(order=order, status__in=("proposed", "approved", "submitted"))
        .aggregate(a=Sum("amount"))
        .get("a")
        or ZERO
    )
    left = (sums["c"] or ZERO) - (sums["r"] or ZERO) - open_refunds
    if amount > left:
        raise Invalid(
            _("At most %(left)s %(currency)s can be refunded.")
            % {"left": left.quantize(minor_unit(order.currency)), "currency": order.currency}
        )


@transaction.atomic(savepoint=False)
def propose_cancelled_refund(*, order_id: int, by: Actor, now: datetime) -> Refund | None:
    """Propose to give back all that was captured for a cancelled order; None if nothing was."""
    order = lock_order(order_id)
    sums = Payment.objects.filter(order=order).aggregate(c=Sum("captured"), r=Sum("refunded"))
    left = (sums["c"] or ZERO) - (sums["r"] or ZERO)
    already = Refund.objects.filter(order=order).exclude(status="rejected").exists()
    if left <= 0 or already:
        return None
    return propose_refund(order_id=order_id, amount=left, reason="cancelled", by=by, now=now)


@transaction.atomic(savepoint=False)
def propose_overpaid_refund(*, order_id: int, by: Actor, now: datetime) -> Refund | None:
    """Propose to give back what was paid above an order's total, net of what goes back already; None if nothing is."""
    order = lock_order(order_id)
    sums = Payment.objects.filter(order=order).aggregate(c=Sum("captured"), r=Sum("refunded"))
    waiting = Refund.objects.filter(
        order=order, status__in=("proposed", "approved", "submitted")
    ).aggregate(a=Sum("amount"))
    paid = (sums["c"] or ZERO) - (sums["r"] or ZERO) - (waiting["a"] or ZERO)
    if paid <= order.total:
        return None
    return propose_refund(
        order_id=order_id, amount=paid - order.total, reason="changed", by=by, now=now
    )


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
    What was decided here and carried out there is one refund: one of ours of the same amount that the
    channel has not been heard of yet is that one. It is completed by this, unless it was already.
    """
    require(by, "refunds.complete")
    order = lock_order(order_id)
    if ours := _decided_here(order, rounded(amount, order.currency)):
        return _carried_out(ours, key, by, now)
    sums = Payment.objects.filter(order=order).aggregate(c=Sum("captured"), r=Sum("refunded"))
    amount = min(rounded(amount, order.currency), (sums["c"] or ZERO) - (sums["r"] or ZERO))
    if amount <= 0:
        return None
    lines = OrderLine.objects.filter(order=order, pk__in=units)
    counted = {
        line.pk: min(units[line.pk], line.quantity_ordered - line.quantity_refunded)
        for line in lines
    }
    refund = Refund.objects.create(
        number=next_number("RF", "returns_refund"),
        order=order,
        channel_id=order.channel_id,
        status="completed",
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
    refund_payment(order=order, amount=amount, reference=refund.number, by=by, now=now)
    record_refunded(order=order, units={k: n for k, n in counted.items() if n}, now=now)
    _record(refund, order, "refund.completed", by, now)
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


def _decided_here(order: Order, amount: Decimal) -> Refund | None:
    """A refund of ours, of that amount, that no refund of the channel was found to be yet."""
    return (
        Refund.objects.filter(
            order=order,
            amount=amount,
            channel_key="",
            is_history=False,
            status__in=("proposed", "approved", "submitted", "completed"),
        )
        .exclude(reason=CHANNEL_REFUND)
        .order_by("completed_at", "pk")
        .first()
    )


def _carried_out(refund: Refund, key: str, by: Actor, now: datetime) -> Refund:
    Refund.objects.filter(pk=refund.pk).update(channel_key=key[:60], updated_at=now)
    if refund.status == "proposed":
        approve_refund(refund_id=refund.pk, by=by, now=now)
    if refund.status != "completed":
        complete_refund(refund_id=refund.pk, by=by, now=now)
    refund.refresh_from_db()
    return refund


@transaction.atomic(savepoint=False)
def approve_refund(*, refund_id: int, by: Actor, now: datetime) -> Refund:
    """Approve a refund."""
    refund, order = _advance(refund_id, "approve", by)
    refund.approved_at = refund.updated_at = now
    refund.save(update_fields=["status", "approved_at", "updated_at"])
    _record(refund, order, "refund.approved", by, now)
    return refund


@transaction.atomic(savepoint=False)
def reject_refund(*, refund_id: int, by: Actor, now: datetime) -> Refund:
    """Reject a refund."""
    refund, order = _advance(refund_id, "reject", by)
    refund.updated_at = now
    refund.save(update_fields=["status", "updated_at"])
    _record(refund, order, "refund.rejected", by, now)
    return refund


@transaction.atomic(savepoint=False)
def complete_refund(*, refund_id: int, by: Actor, now: datetime) -> Refund:
    """Complete a refund: the order's payments give the money, its lines are counted.

    Raises NotRefundable when less is left than the refund's amount.
    """
    refund, order = _advance(refund_id, "complete", by)
    refund.completed_at = refund.updated_at = now
    refund.save(update_fields=["status", "completed_at", "updated_at"])
    refund_payment(order=order, amount=refund.amount, reference=refund.number, by=by, now=now)
    record_refunded(
        order=order,
        units={
            line.order_line_id or 0: line.quantity
            for line in refund.lines.filter(order_line__isnull=False)
            if line.quantity
        },
        now=now,
    )
    _record(refund, order, "refund.completed", by, now)
    return refund


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
    refund, order = _advance(refund_id, "submit", by)
    refund.updated_at = now
    refund.save(update_fields=["status", "updated_at"])
    _record(refund, order, "refund.submitted", by, now)
    return True


@transaction.atomic(savepoint=False)
def complete_submitted(*, number: str, by: Actor, now: datetime) -> bool:
    """Complete a refund once every provider that was asked has given its part; whether that is so."""
    refund = Refund.objects.filter(number=number, status="submitted").first()
    if refund is None or is_refund_pending(key=number):
        return False
    complete_refund(refund_id=refund.pk, by=by, now=now)
    return True


def _advance(refund_id: int, verb: str, by: Actor) -> tuple[Refund, Order]:
    require(by, f"refunds.{verb}")
    found = Refund.objects.filter(pk=refund_id).values("order_id").first()
    if found is None or found["order_id"] is None:
        raise NotFound
    order = lock_order(found["order_id"])
    refund = Refund.objects.select_for_update().get(pk=refund_id)
    refund.status = REFUND.next_state(refund.status, verb)
    return refund, order


def _record(refund: Refund, order: Order, topic: str, by: Actor, now: datetime) -> None:
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


@transaction.atomic(savepoint=False)
def credit_refund(*, refund_id: int, by: Actor, now: datetime) -> bool:
    """Credit a completed refund against its order's invoices; whether there was something to credit.

    What a cancelled or changed order was invoiced too much is credited as its lines become less, not again here.
    """
    refund = Refund.objects.get(pk=refund_id)
    if refund.order_id is None or refund.is_history or refund.reason in {"cancelled", "changed"}:
        return False
    return (
        issue.credit_refund(
            order_id=refund.order_id, refund=refund.number, amount=refund.amount, by=by, now=now
        )
        is not None
    )
