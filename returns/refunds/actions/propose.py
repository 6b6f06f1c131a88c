"""Proposes refunds: for units, for what a return brought back, for an amount, and for what is owed."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.approvals.actions import lock_proposer, sign_proposal
from erp.approvals.models import ApprovalKind
from erp.approvals.queries import answers_for
from erp.document_numbers import next_number
from erp.errors import FieldError, Invalid
from erp.money import minor_unit, rounded, split
from orders.models import Order, OrderLine
from orders.order.actions.timeline import lock_order
from returns.refunds.actions.record import tell
from returns.refunds.decisions import refundable
from returns.refunds.models import Refund, RefundLine
from returns.refunds.queries import (
    hands_in_owed,
    purse_of,
    units_refunded,
    units_to_refund,
    weight_of_refund,
)
from returns.refunds.states import CANCELLED, CHANGED, REFUND, RESERVED

ZERO = Decimal(0)

# Units and what they are worth, by order line id.
Worth = Mapping[int, tuple[int, Decimal]]


@transaction.atomic(savepoint=False)
def propose_refund(
    *,
    order_id: int,
    return_id: int | None = None,
    units: Mapping[int, int] | None = None,
    amount: Decimal | None = None,
    reason: str,
    note: str = "",
    proposer: int | None = None,
    by: Actor,
    now: datetime,
) -> Refund:
    """Propose to give money back.

    units    units by order line id whose price goes back; with a return and neither units
             nor amount, the units that were received and not refunded yet
    amount   another amount than those units are worth, or one for no units at all
    proposer who answers for it, where it takes the place of somebody's proposal
    Never more than was captured and is neither refunded nor proposed; of a return, never more units than came
    back; never for a reason that is told of what became of an order. Raises Invalid.
    """
    if reason in RESERVED:
        # Such a refund counts as one for what is no longer in the order: given by a person, it hid what is owed.
        text = _("“%(reason)s” is recorded by the system alone. Give another reason.")
        raise Invalid(errors=[FieldError("/reason", "reserved", text % {"reason": reason})])
    return _propose(order_id, return_id, units, amount, reason, note, by, now, proposer)


def _propose(
    order_id: int,
    return_id: int | None,
    units: Mapping[int, int] | None,
    amount: Decimal | None,
    reason: str,
    note: str,
    by: Actor,
    now: datetime,
    proposer: int | None = None,
) -> Refund:
    require(by, "refunds.propose")
    order = lock_order(order_id)
    of_return = None
    if return_id is not None and (units is not None or amount is None):
        of_return = units_to_refund(return_id, order)
        units = _of_return(of_return.free, of_return.received, units)
    lines = _worth(order, units or {})
    if amount is None:
        amount = sum((worth for _units, worth in lines.values()), ZERO)
        if lines and not amount:
            raise Invalid(_("Nothing was paid for these units."))
        left = purse_of(order).left
        if of_return is not None and 0 < left < amount:  # an allowance was given for it before
            amount, lines = left, _scaled(lines, left, order.currency)
    elif lines:
        lines = _scaled(lines, amount, order.currency)
    _check_amount(order, amount)
    refund = _drafted(order, return_id, amount, reason, note, now)
    refund.proposed_for_id = proposer or answers_for(by)
    lock_proposer(proposer=refund.proposed_for_id, kinds=[ApprovalKind.REFUND])
    sign_proposal(
        row=refund, weight=weight_of_refund(refund, now), by=by, proposer=refund.proposed_for_id
    )
    refund.save(force_insert=True)
    _give_lines(refund, lines)
    tell(refund, order, "proposed", by, now)
    return refund


def _of_return(
    free: Mapping[int, int], received: Mapping[int, int], asked: Mapping[int, int] | None
) -> Mapping[int, int]:
    """The units of a return that a refund is for: those asked for, or all that came back and were not refunded."""
    if asked is None:
        if not any(free.values()):
            raise Invalid(_("Nothing of this return is left to refund."))
        return {pk: count for pk, count in free.items() if count}
    for pk, count in asked.items():
        if count > received.get(pk, 0):
            raise Invalid(
                _("Only %(left)s units of this line came back and were not refunded.")
                % {"left": received.get(pk, 0)}
            )
    return asked


def _worth(order: Order, units: Mapping[int, int]) -> Worth:
    lines = {line.pk: line for line in OrderLine.objects.filter(order=order, pk__in=units)}
    refunded = units_refunded(order_lines=list(lines))
    worth = {}
    for pk, quantity in units.items():
        line = lines.get(pk)
        if line is None:
            raise Invalid(_("Not a line of this order."))
        before = refunded.get(pk, 0)
        of = line.quantity_open or line.quantity_ordered
        if not 1 <= quantity <= of - before:
            raise Invalid(
                _("Only %(left)s of %(sku)s can still be refunded.")
                % {"left": max(0, of - before), "sku": line.sku_code}
            )
        amount = refundable(
            total=line.total,
            ordered=of,
            refunded=before,
            quantity=quantity,
            currency=order.currency,
            rounded=rounded,
        )
        worth[pk] = (quantity, amount)
    return worth


def _scaled(lines: Worth, amount: Decimal, currency: str) -> Worth:
    keys = sorted(lines)
    shares = split(amount, [lines[key][1] for key in keys], currency)
    return {key: (lines[key][0], share) for key, share in zip(keys, shares, strict=True)}


def _check_amount(order: Order, amount: Decimal) -> None:
    if amount <= 0 or amount != amount.quantize(minor_unit(order.currency)):
        raise Invalid(_("A refund is above zero and has the currency's decimal places."))
    left = purse_of(order).left
    if amount > left:
        raise Invalid(
            _("At most %(left)s %(currency)s can be refunded.")
            % {
                "left": max(ZERO, left).quantize(minor_unit(order.currency)),
                "currency": order.currency,
            }
        )


def _drafted(
    order: Order,
    return_id: int | None,
    amount: Decimal,
    reason: str,
    note: str,
    now: datetime,
) -> Refund:
    return Refund(
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


def _give_lines(refund: Refund, lines: Worth) -> None:
    rows = [
        RefundLine(refund=refund, order_line_id=pk, quantity=n, amount=worth)
        for pk, (n, worth) in sorted(lines.items())
    ]
    RefundLine.objects.bulk_create(rows or [RefundLine(refund=refund, amount=refund.amount)])


@transaction.atomic(savepoint=False)
def propose_owed_refund(
    *, order_id: int, proposer: int | None = None, by: Actor, now: datetime
) -> Refund | None:
    """Propose to give back what an order owes its customer and nobody has proposed yet; None if that is nothing.

    Of an order that ended unserved, all that was captured; of another, what was paid above its total. Refunds that
    were completed or wait are counted by their amounts, whatever they were for. What a job proposes because somebody
    cancelled or changed the order, or wrote down a payment, is that person's proposal: cancelling would otherwise be
    the way to give money back alone.

    proposer   who answers for it, where it takes the place of somebody's proposal
    """
    order = lock_order(order_id)
    purse = purse_of(order)
    if not purse.owed:
        return None
    reason = CANCELLED if purse.has_ended else CHANGED
    if proposer is None and by.kind == Actor.Kind.JOB:
        proposer = next(iter(hands_in_owed(order_id)), None)
    return _propose(order_id, None, None, purse.owed, reason, "", by, now, proposer)
