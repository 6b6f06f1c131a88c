"""Records payments and refunds once per reference; never refunds more than was captured."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import job_actor, require
from erp.errors import Conflict, Invalid
from erp.events.record import record_event
from erp.money import minor_unit
from orders.order.actions.holds import release_order
from orders.order.actions.life import awaits_payment, confirm_if_ready
from orders.order.actions.progress import complete_if_finished
from orders.order.actions.timeline import append_event, derive_axes, lock_order
from orders.order.models.order import Hold, Order
from orders.order.models.payment import Payment, PaymentEvent
from orders.order.states import ORDER
from orders.placement.actions.place import PaymentReferenceUsed

BALANCE = "balance_of_change"  # why an order is held whose change costs more than was paid


class NotRefundable(Conflict):
    """More was to be given back than is left of what was captured."""

    code = "not-refundable"


class Tender(NamedTuple):
    """Money for an order: how it is paid, what its provider calls it, how much.

    amount   above zero, in the order's currency
    """

    method: str
    reference: str
    amount: Decimal
    currency: str


@transaction.atomic(savepoint=False)
def record_payment(*, order_id: int, tender: Tender, by: Actor, now: datetime) -> Order:
    """Record money that was captured for an order; a pending order may be confirmed by it.

    Raises Invalid, IllegalTransition, PaymentReferenceUsed.
    """
    order = lock_to_pay(order_id, tender, by)
    if PaymentEvent.objects.filter(
        channel_id=order.channel_id, kind="capture", reference=tender.reference
    ).exists():
        raise PaymentReferenceUsed(
            _("A payment with this reference was already recorded on this channel.")
        )
    take_in(
        order=order,
        method=tender.method,
        amount=tender.amount,
        reference=tender.reference,
        by=by,
        now=now,
    )
    return order


def lock_to_pay(order_id: int, tender: Tender, by: Actor) -> Order:
    """Lock an order that money can be recorded for. Raises Invalid for what is no money of it, IllegalTransition."""
    require(by, "orders.pay")
    order = lock_order(order_id)
    ORDER.next_state(order.status, "pay")
    check_amount(tender.amount, tender.currency, order)
    if not tender.reference.strip():
        raise Invalid(_("Give the payment provider's reference."))
    return order


def check_amount(amount: Decimal, currency: str, order: Order) -> None:
    """Refuse what is no amount in an order's currency. Raises Invalid."""
    if currency != order.currency:
        raise Invalid(_("Pay in the currency of the order."))
    if amount <= 0 or amount != amount.quantize(minor_unit(currency)):
        raise Invalid(_("An amount is above zero and has the currency's decimal places."))


@transaction.atomic(savepoint=False)
def take_in(
    *, order: Order, method: str, amount: Decimal, reference: str, by: Actor, now: datetime
) -> None:
    """Record a capture on a locked order, whatever has become of the order.

    Money that came is never left out, not even for an order that was cancelled meanwhile. More of
    a tender that is known (`reference`) is added to it. Raises PaymentReferenceUsed.
    """
    payment = Payment.objects.select_for_update().filter(order=order, reference=reference).first()
    event = reference
    if payment is None:
        payment = Payment(
            order=order,
            method=method,
            reference=reference,
            currency=order.currency,
            created_at=now,
        )
    else:
        event = f"{reference}/{payment.events.filter(kind='capture').count() + 1}"
    payment.authorised += amount
    payment.captured += amount
    payment.save()
    _append(payment, order, ("authorise", "capture"), event, amount, by, now)
    derive_axes([order.pk], now)
    order.refresh_from_db()
    append_event(
        order_id=order.pk,
        kind="payment.captured",
        by=by,
        now=now,
        data={"amount": str(amount), "currency": order.currency},
    )
    record_event(
        "payment.captured",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )
    after_paying(order=order, by=by, now=now)


def after_paying(*, order: Order, by: Actor, now: datetime) -> None:
    """What a locked order does once money was captured for it: it goes on, or is finished."""
    if settle_balance(order=order, by=by, now=now):
        return
    if not confirm_if_ready(order=order, by=by, now=now):
        complete_if_finished(order=order, by=by, now=now)


@transaction.atomic(savepoint=False)
def open_balance(*, order: Order) -> QuerySet[Hold]:
    """What holds an order until a change of it is paid: one, or one more of each order merged into it."""
    return Hold.objects.filter(order=order, released_at=None, reason=BALANCE)


def settle_balance(*, order: Order, by: Actor, now: datetime) -> bool:
    """Release what holds a locked order until a change of it is paid, once it is (or is authorised whole)."""
    holds = list(open_balance(order=order))
    if not holds or awaits_payment(order):
        return False
    for hold in holds:
        release_order(order_id=order.pk, hold_id=hold.pk, by=job_actor("scheduler"), now=now)
    order.refresh_from_db()
    return True


@transaction.atomic(savepoint=False)
def refund_payment(
    *, order: Order, amount: Decimal, reference: str, by: Actor, now: datetime
) -> list[int]:
    """Give money back on a locked order, from its tenders in the order they came.

    reference   what the refund is known by; the same one gives back nothing twice
    Raises NotRefundable. Returns the ids of the tenders used.
    """
    payments = list(Payment.objects.filter(order=order).order_by("pk").select_for_update())
    left = amount
    used: list[int] = []
    for index, payment in enumerate(payments):
        part = min(left, payment.captured - payment.refunded)
        if part <= 0:
            continue
        payment.refunded += part
        payment.save(update_fields=["refunded"])
        suffix = f"/{index}" if used else ""
        _append(payment, order, ("refund",), reference + suffix, part, by, now)
        used.append(payment.pk)
        left -= part
    if left > 0:
        raise NotRefundable(
            _("Only %(amount)s %(currency)s can still be refunded.")
            % {"amount": amount - left, "currency": order.currency}
        )
    derive_axes([order.pk], now)
    order.refresh_from_db()
    return used


def append_payment_event(
    payment: Payment,
    order: Order,
    kind: str,
    reference: str,
    amount: Decimal,
    by: Actor,
    now: datetime,
) -> None:
    """Write one event of a locked payment. Raises PaymentReferenceUsed for one that is there already."""
    _append(payment, order, (kind,), reference, amount, by, now)


def _append(
    payment: Payment,
    order: Order,
    kinds: tuple[str, ...],
    reference: str,
    amount: Decimal,
    by: Actor,
    now: datetime,
) -> None:
    try:
        with transaction.atomic():
            PaymentEvent.objects.bulk_create(
                PaymentEvent(
                    payment=payment,
                    channel_id=order.channel_id,
                    kind=kind,
                    reference=reference,
                    amount=amount,
                    by=by,
                    at=now,
                )
                for kind in kinds
            )
    except IntegrityError as error:
        raise PaymentReferenceUsed(
            _("A payment with this reference was already recorded on this channel.")
        ) from error
