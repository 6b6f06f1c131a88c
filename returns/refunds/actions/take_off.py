"""Says of refunds that a channel made what they pay for once units are taken off their order."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from erp.access.queries import job_actor
from erp.money import rounded
from orders.models import Order
from orders.order.actions.progress import record_refunded
from orders.order.actions.timeline import lock_order
from returns.refunds.actions.call_off import divide
from returns.refunds.actions.credit import credit_refunds
from returns.refunds.actions.trim import trim_proposals
from returns.refunds.decisions import units_within
from returns.refunds.models import RefundLine
from returns.refunds.queries import purse_of
from returns.refunds.states import CHANNEL_REFUND, WAITING

ZERO = Decimal(0)


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
        taken_off = min(row.amount, purse_of(order, but=WAITING).unpaid_back)
        if taken_off > 0:
            each = row.amount / row.quantity if row.quantity else ZERO
            units = units_within(taken_off, each=each, most=row.quantity)
            _settle(order, row, units, taken_off, now)
    trim_proposals(order=order, by=job_actor("relay"), now=now)
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
