"""Calls off what a refund pays for and has not shipped."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from erp.access.queries import job_actor
from erp.money import rounded
from orders.changes.actions.cancel import cancel_units
from orders.models import Order, OrderLine
from returns.refunds.decisions import units_before_shipping
from returns.refunds.models import Refund, RefundLine
from returns.refunds.queries import purse_of, units_refunded
from returns.refunds.states import TAKEN_OFF, RefundStatus

ZERO = Decimal(0)
REFUNDED = "refunded"  # why units are cancelled


@transaction.atomic(savepoint=False)
def call_off_unshipped(*, refund: Refund, order: Order, now: datetime) -> None:
    """Cancel the units of a locked order that an approved refund pays for and that have not shipped.

    They are those that its lines name, and everything once all that was paid goes back. The refund then pays for
    what is taken off the order, and no longer for units that stay in it.
    """
    if refund.reason in TAKEN_OFF or order.status not in {"pending", "confirmed"}:
        return
    lines = {line.pk: line for line in OrderLine.objects.filter(order=order)}
    units = _named(refund, lines)
    if _is_everything(refund, order):
        goods = [line for line in lines.values() if not line.is_service] or lines.values()
        units = {line.pk: line.quantity_unshipped for line in goods if line.quantity_unshipped}
    if not units:
        return
    before = {pk: line.total for pk, line in lines.items()}
    cancel_units(order_id=order.pk, units=units, reason=REFUNDED, by=job_actor("relay"), now=now)
    order.refresh_from_db()
    after = dict(OrderLine.objects.filter(order=order).values_list("pk", "total"))
    # A change that was paid back is not undone: its units would be wanted again and cost nothing.
    Order.objects.filter(pk=order.pk).update(version=F("version") + 1)
    if order.status != "cancelled":
        _mark(refund, units, {pk: before[pk] - after[pk] for pk in units})


def _named(refund: Refund, lines: Mapping[int, OrderLine]) -> dict[int, int]:
    """Units that the refund's lines name and that can only be such as have not shipped, by order line id."""
    refunded = units_refunded(
        order_lines=list(lines), statuses=(RefundStatus.APPROVED, RefundStatus.SUBMITTED)
    )
    found: dict[int, int] = {}
    if refund.authorization_id is not None:
        return found
    for row in refund.lines.filter(order_line__isnull=False, quantity__gt=0).order_by("pk"):
        line = lines[row.order_line_id or 0]
        count = units_before_shipping(
            refunded=refunded.get(line.pk, 0),
            shipped=line.quantity_shipped,
            unshipped=line.quantity_unshipped,
            quantity=row.quantity,
        )
        if count:
            found[line.pk] = count
    return found


def _is_everything(refund: Refund, order: Order) -> bool:
    """Whether all that was captured for an order goes back with a refund, and it was paid whole."""
    purse = purse_of(order, but=[RefundStatus.PROPOSED])
    return refund.amount > 0 and not purse.left and purse.captured >= order.total


def _mark(refund: Refund, units: Mapping[int, int], worth: Mapping[int, Decimal]) -> None:
    """Say of a refund's lines what they pay for that is no longer in the order: never more than it was worth."""
    open_worth = sum(worth.values(), ZERO)
    for row in list(refund.lines.order_by("pk")):
        if row.order_line_id is None:
            divide(row=row, units=0, amount=min(row.amount, open_worth))
            open_worth -= min(row.amount, open_worth)
        elif count := min(units.get(row.order_line_id, 0), row.quantity):
            share = rounded(row.amount * count / row.quantity, refund.currency)
            part = min(share, worth[row.order_line_id])
            divide(row=row, units=count, amount=part)
            open_worth -= part


@transaction.atomic(savepoint=False)
def divide(*, row: RefundLine, units: int, amount: Decimal) -> None:
    """Take units and their amount out of a line of a refund, into one for what never shipped."""
    if amount <= 0 and not units:
        return
    RefundLine.objects.create(
        refund_id=row.refund_id,
        order_line_id=row.order_line_id,
        quantity=units,
        amount=amount,
        is_unshipped=True,
    )
    row.quantity -= units
    row.unshipped_units = max(0, row.unshipped_units - units)
    row.amount -= amount
    if row.amount or row.quantity:
        row.save(update_fields=["quantity", "unshipped_units", "amount"])
    else:
        row.delete()
