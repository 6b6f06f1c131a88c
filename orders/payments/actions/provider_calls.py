"""Queues captures, voids and refunds for payment providers until they are answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.backlogs import Backlog
from erp.errors import Conflict
from erp.events.record import record_event
from erp.leases import Queue
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.payment import Payment
from orders.order.states import FulfillmentStatus
from orders.payments.actions.authorise import (
    due_by_shipping,
    open_of,
)
from orders.payments.models import PaymentCall, PaymentIntent

# Of a payment one after another. A call of any payment, or of one (`intent`).
CALLS = Queue(
    table="orders_paymentcall",
    waits="due",
    gives_up="parked",
    most=8,
    lease=timedelta(seconds=120),
    may="""(%(intent)s::bigint IS NULL OR q.intent_id = %(intent)s)
        AND NOT EXISTS (SELECT 1 FROM orders_paymentcall b
                        WHERE b.intent_id = q.intent_id AND b.id < q.id AND b.status = 'due')""",
)
OPEN = ("due", "parked")  # not answered yet, and to be done
BACKLOG = Backlog(
    name="payment_calls",
    label=_("Calls to payment providers"),
    table="orders_paymentcall",
    waiting="status = 'due'",
    parked="status = 'parked'",
    late=timedelta(minutes=10),
    note="kind || ' ' || key",
    right="orders.pay",
    replay="orders.payments.actions.provider_calls.replay_calls",
    leaves=True,
)


def queue_call(*, intent: PaymentIntent, kind: str, amount: Decimal, key: str) -> None:
    """Queue a call to a payment provider; the same key is called once."""
    PaymentCall.objects.bulk_create(
        [PaymentCall(intent=intent, kind=kind, amount=amount, key=key[:100])],
        ignore_conflicts=True,
    )


@transaction.atomic(savepoint=False)
def queue_captures(*, order_id: int, by: Actor, now: datetime) -> Decimal:
    """Queue captures for a shipped parcel, of the authorisations in turn; return the amount.

    What no provider of ours holds is noted on the timeline, for whoever captures it elsewhere.
    """
    order = lock_order(order_id)
    # Parked ones count: the provider may have done them, and a person will have them done.
    asked = PaymentCall.objects.filter(intent__order=order, kind="capture", status__in=OPEN)
    left = due_by_shipping(order) - sum(asked.values_list("amount", flat=True), Decimal(0))
    total = left
    payments = Payment.objects.filter(order=order).order_by("pk").select_for_update()
    for payment in payments:
        intent = PaymentIntent.objects.filter(payment=payment, status="authorised").first()
        waiting = asked.filter(intent=intent) if intent else PaymentCall.objects.none()
        free = open_of(payment) - sum(waiting.values_list("amount", flat=True), Decimal(0))
        part = min(left, free)
        if part <= 0:
            continue
        left -= part
        if intent is None:
            append_event(
                order_id=order.pk,
                kind="payment.capture_due",
                by=by,
                now=now,
                data={"amount": str(part), "currency": order.currency},
            )
            record_event(
                "payment.capture_due",
                subject=f"order:{order.pk}",
                channel_id=order.channel_id,
                order_id=order.pk,
            )
            continue
        nth = PaymentCall.objects.filter(intent=intent, kind="capture").count() + 1
        queue_call(
            intent=intent,
            kind="capture",
            amount=part,
            key=f"{order.number}-capture-{intent.pk}-{nth}",
        )
    return total - left


def _needless(parked: QuerySet[PaymentCall]) -> list[int]:
    """Ids of captures of more than is to be captured of their orders by now."""
    captures = list(parked.filter(kind="capture").select_related("intent").order_by("pk"))
    left: dict[int, Decimal] = {}
    for order_id in sorted({call.intent.order_id for call in captures}):
        order = lock_order(order_id)
        under_way = PaymentCall.objects.filter(intent__order=order, kind="capture", status="due")
        asked = sum(under_way.values_list("amount", flat=True), Decimal(0))
        left[order_id] = due_by_shipping(order) - asked
    found = []
    for call in captures:
        if call.amount > left[call.intent.order_id]:
            found.append(call.pk)
        else:
            left[call.intent.order_id] -= call.amount
    return found


@transaction.atomic(savepoint=False)
def queue_voids(*, order_id: int, now: datetime) -> int:
    """Queue voids of a cancelled order's authorisations; return how many providers were called."""
    order = lock_order(order_id)
    told = 0
    for intent in PaymentIntent.objects.filter(
        order=order, status__in=("created", "open", "authorised")
    ).select_for_update():
        queue_call(
            intent=intent, kind="void", amount=intent.amount, key=f"{order.number}-void-{intent.pk}"
        )
        told += 1
    return told


@transaction.atomic(savepoint=False)
def queue_leftover_voids(*, order_id: int, now: datetime) -> int:
    """Queue voids of what is authorised of an order and will not be captured; return how many.

    That is so once all that is still wanted has left and all that it costs is captured: part of the order was
    cancelled. A capture that a provider has not answered yet, or has refused, leaves the rest where it is.
    """
    order = lock_order(order_id)
    captured = Payment.objects.filter(order=order).aggregate(s=Sum("captured"))["s"] or Decimal(0)
    has_left = order.fulfillment_status == FulfillmentStatus.FULFILLED
    if order.status not in ("confirmed", "completed") or not has_left or captured < order.total:
        return 0
    open_calls = PaymentCall.objects.filter(
        intent__order=order, kind="capture", status__in=("due", "parked")
    )
    if open_calls.exists():
        return 0
    told = 0
    intents = PaymentIntent.objects.filter(order=order, status="authorised")
    for intent in intents.order_by("pk").select_for_update():
        left = open_of(intent.payment) if intent.payment else Decimal(0)
        if left > 0:
            key = f"{order.number}-rest-{intent.pk}"
            queue_call(intent=intent, kind="void", amount=left, key=key)
            told += 1
    return told


@transaction.atomic(savepoint=False)
def queue_refund(*, order_id: int, amount: Decimal, key: str) -> bool:
    """Queue refunds to the providers that took the money; False where they took too little.

    key   the refund's number
    """
    order = lock_order(order_id)
    left, parts = amount, []
    for intent in PaymentIntent.objects.filter(order=order, payment__isnull=False).order_by("pk"):
        assert intent.payment is not None
        asked = PaymentCall.objects.filter(intent=intent, kind="refund", status__in=OPEN)
        taken = intent.payment.captured - intent.payment.refunded
        part = min(left, taken - sum(asked.values_list("amount", flat=True), Decimal(0)))
        if part > 0:
            parts.append((intent, part))
            left -= part
    if left > 0 or not parts:
        return False
    for intent, part in parts:
        queue_call(intent=intent, kind="refund", amount=part, key=f"{key}-{intent.pk}")
    return True


def is_refund_pending(*, key: str) -> bool:
    """Whether a provider has yet to answer for a refund."""
    return _refund_calls(key).filter(status__in=OPEN).exists()


def _refund_calls(key: str) -> QuerySet[PaymentCall]:
    return PaymentCall.objects.filter(kind="refund", key__startswith=f"{key}-")


@transaction.atomic(savepoint=False)
def end_refund_calls(*, key: str) -> None:
    """Have nobody send the calls of a refund that is settled in another way, or not at all. Raises Conflict.

    key   the refund's number
    A parked call that was replayed afterwards paid a customer twice. One that is under way may be done any moment:
    it is waited for.
    """
    calls = _refund_calls(key).filter(status__in=OPEN).select_for_update().order_by("pk")
    if any(call.status == PaymentCall.Status.DUE for call in calls):
        why = _("The payment provider is being asked for this refund: wait for its answer.")
        raise Conflict(str(why))
    calls.update(status=PaymentCall.Status.ENDED)


@transaction.atomic(savepoint=False)
def replay_calls(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Ask providers again what they refused or did not answer, under the same keys; return how many.

    A provider that has done it meanwhile answers what it did then. A capture of more than is owed by now stays: part
    of it was cancelled, or paid in another way. Raises Conflict where all of them stay for that reason.
    """
    require(by, BACKLOG.right)
    rows = PaymentCall.objects.filter(pk__in=ids, status="parked")
    needless = _needless(rows)
    done = rows.exclude(pk__in=needless).update(
        status="due", attempts=0, is_leased=False, due_at=now, error=""
    )
    if needless and not done:
        why = _(
            "A capture of more than its order owes by now is not asked for again: ask the provider what it took."
        )
        raise Conflict(str(why))
    return done
