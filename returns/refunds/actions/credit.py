"""Credits refunds against invoices: money that went back for what stays in its order."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet, Sum

from erp.access.models import Actor
from erp.money import rounded
from orders.invoicing.actions.issue import credit_refund, follow_invoices
from orders.invoicing.models import Invoice, InvoiceLine
from orders.models import Order
from orders.order.actions.timeline import lock_order
from returns.refunds.models import Refund, RefundLine
from returns.refunds.states import TAKEN_OFF, RefundStatus

ZERO = Decimal(0)


class Due(NamedTuple):
    """What is to be credited in all for a refund, by its number: amounts by order line id, 0 for none of them."""

    refund: str
    amounts: dict[int, Decimal]


@transaction.atomic(savepoint=False)
def credit_refunds(*, order_id: int, by: Actor, now: datetime) -> list[Invoice]:
    """Have an order's invoices follow its completed refunds, as far as these are for what stays in it.

    What was taken off an order is credited as its lines become less, not again here. Where a channel paid units
    back first and took them off later, their credit changes from the one to the other.
    """
    if not _refunds(order_id).exists():  # of nearly every order
        return []
    order = lock_order(order_id)
    if order.is_history or not Invoice.objects.filter(order=order).exists():
        return []
    made = [
        credit_refund(order_id=order.pk, refund=due.refund, amounts=due.amounts, by=by, now=now)
        for due in list(_due(order))
    ]
    written = [paper for paper in made if paper is not None]
    if any(paper.kind == Invoice.Kind.INVOICE for paper in written):
        written += follow_invoices(order_id=order.pk, by=by, now=now)
    return written


def _refunds(order_id: int) -> QuerySet[Refund]:
    """The completed refunds of an order that were not for what had been taken off it alone."""
    rows = Refund.objects.filter(order=order_id, status=RefundStatus.COMPLETED, is_history=False)
    return rows.exclude(reason__in=TAKEN_OFF)


def _due(order: Order) -> Iterator[Due]:
    """What is to be credited for each refund of a locked order, in the order they were proposed."""
    uninvoiced = _uninvoiced(order)
    for refund in _refunds(order.pk).order_by("pk").prefetch_related("lines"):
        amounts: dict[int, Decimal] = {}
        for row in refund.lines.all():
            if not row.is_unshipped:
                line = row.order_line_id or 0
                due = row.amount - _ahead(row, uninvoiced, order.currency)
                amounts[line] = amounts.get(line, ZERO) + due
        yield Due(refund.number, amounts)


def _ahead(row: RefundLine, uninvoiced: dict[int, int], currency: str) -> Decimal:
    """What a refund's line gave back for units that were on no invoice yet; `uninvoiced` is used up."""
    line = row.order_line_id or 0
    units = min(row.unshipped_units, uninvoiced.get(line, 0))
    if not units:
        return ZERO
    uninvoiced[line] -= units
    return rounded(row.amount * units / row.quantity, currency)


def _uninvoiced(order: Order) -> dict[int, int]:
    """Units of an order's lines that are wanted and on no invoice, by order line id."""
    wanted = order.lines.values_list("pk").annotate(
        n=F("quantity_ordered") - F("quantity_cancelled")
    )
    invoiced = _on(order, Invoice.Kind.INVOICE)
    credited = _on(order, Invoice.Kind.CREDIT_NOTE)
    return {
        pk: max(0, units - invoiced.get(pk, 0) + credited.get(pk, 0))
        for pk, units in wanted.order_by()
    }


def _on(order: Order, kind: str) -> dict[int | None, int]:
    rows = InvoiceLine.objects.filter(invoice__order=order, invoice__kind=kind, what="line")
    return dict(rows.values_list("order_line").annotate(n=Sum("quantity")).order_by())
