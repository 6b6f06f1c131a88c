"""Authorises payments, captures them as goods ship and voids the rest."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict
from erp.events.record import record_event
from erp.money import rounded
from erp.queries import find_one
from orders.order.actions.timeline import append_event, derive_axes, lock_order
from orders.order.models.order import Order, OrderLine
from orders.order.models.payment import Payment
from orders.payments import decisions as payments_decisions
from orders.payments.actions.record import (
    Tender,
    after_paying,
    append_payment_event,
    check_amount,
    lock_to_pay,
)


class NotCapturable(Conflict):
    """Less is authorised and neither captured nor voided than was to be taken."""

    code = "not-capturable"


@transaction.atomic(savepoint=False)
def authorise_payment(*, order_id: int, tender: Tender, by: Actor, now: datetime) -> Payment:
    """Record that money is authorised for an order; one that it covers whole goes on.

    Raises Invalid, IllegalTransition, PaymentReferenceUsed.
    """
    order = lock_to_pay(order_id, tender, by)
    payment = note_authorised(
        order=order,
        method=tender.method,
        reference=tender.reference,
        amount=tender.amount,
        by=by,
        now=now,
    )
    after_paying(order=order, by=by, now=now)
    return payment


@transaction.atomic(savepoint=False)
def note_authorised(
    *, order: Order, method: str, reference: str, amount: Decimal, by: Actor, now: datetime
) -> Payment:
    """Record on a locked order what is authorised for it, whatever has become of the order."""
    payment = Payment.objects.create(
        order=order,
        method=method,
        reference=reference,
        currency=order.currency,
        authorised=amount,
        created_at=now,
    )
    append_payment_event(payment, order, "authorise", reference, amount, by, now)
    derive_axes([order.pk], now)
    order.refresh_from_db()
    _step(order, "payment.authorised", amount, by, now)
    return payment


@transaction.atomic(savepoint=False)
def capture_payment(
    *,
    payment_id: int,
    amount: Decimal | None = None,
    reference: str,
    by: Actor,
    now: datetime,
) -> Payment:
    """Record that money which was authorised has been taken: all of it, or so much.

    reference   what the capture is known by: the same one is recorded once
    Raises NotCapturable, Invalid, NotFound, PaymentReferenceUsed.
    """
    payment, order = _locked(payment_id, by)
    left = open_of(payment)
    amount = left if amount is None else amount
    if amount > left or left <= 0:
        raise NotCapturable(
            _("Only %(amount)s %(currency)s can still be captured.")
            % {"amount": left, "currency": payment.currency}
        )
    check_amount(amount, payment.currency, order)
    append_payment_event(payment, order, "capture", reference, amount, by, now)
    payment.captured += amount
    payment.save(update_fields=["captured"])
    derive_axes([order.pk], now)
    order.refresh_from_db()
    _step(order, "payment.captured", amount, by, now)
    after_paying(order=order, by=by, now=now)
    return payment


@transaction.atomic(savepoint=False)
def void_payment(*, payment_id: int, reference: str, by: Actor, now: datetime) -> Payment:
    """Record that what is authorised and not captured will not be taken. Raises NotCapturable, NotFound."""
    payment, order = _locked(payment_id, by)
    left = open_of(payment)
    if left <= 0:
        raise NotCapturable(_("This payment has no authorisation left to void."))
    append_payment_event(payment, order, "void", reference, left, by, now)
    payment.voided += left
    payment.save(update_fields=["voided"])
    derive_axes([order.pk], now)
    order.refresh_from_db()
    _step(order, "payment.voided", left, by, now)
    return payment


def open_of(payment: Payment) -> Decimal:
    """What is authorised and neither captured nor voided."""
    return payment.authorised - payment.captured - payment.voided


def due_by_shipping(order: Order) -> Decimal:
    """What is to be captured now of a locked order, by what has left of it."""
    sums = Payment.objects.filter(order=order).aggregate(c=Sum("captured"), r=Sum("refunded"))
    return payments_decisions.due(
        [
            payments_decisions.LineShipped(
                line.total,
                line.quantity_ordered - line.quantity_cancelled,
                line.quantity_shipped,
                line.is_service,
            )
            for line in OrderLine.objects.filter(order=order)
        ],
        shipping=order.shipping + order.shipping_tax,
        total=order.total,
        captured=(sums["c"] or Decimal(0)),
        currency=order.currency,
        rounded=rounded,
    )


def _locked(payment_id: int, by: Actor) -> tuple[Payment, Order]:
    require(by, "orders.pay")
    found = find_one(Payment.objects.filter(pk=payment_id).values("order_id"))
    order = lock_order(found["order_id"])
    return Payment.objects.select_for_update().get(pk=payment_id), order


def _step(order: Order, kind: str, amount: Decimal, by: Actor, now: datetime) -> None:
    append_event(
        order_id=order.pk,
        kind=kind,
        by=by,
        now=now,
        data={"amount": str(amount), "currency": order.currency},
    )
    record_event(kind, subject=f"order:{order.pk}", channel_id=order.channel_id, order_id=order.pk)
