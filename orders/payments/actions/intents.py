"""Payment intents: written before a provider is asked, moved on by what it answers and what it says."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, FieldError, Invalid
from erp.events.record import record_event
from erp.money import rounded
from orders.order.actions.holds import hold_order
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Hold, Order
from orders.order.models.payment import Payment
from orders.order.queries import balance_of
from orders.order.states import ORDER
from orders.payments.actions.authorise import (
    capture_payment,
    due_by_shipping,
    note_authorised,
    open_of,
    void_payment,
)
from orders.payments.actions.record import after_paying
from orders.payments.models import PaymentCall, PaymentIntent, PaymentProvider, ProviderEvent
from orders.payments.providers.shapes import Answer, News

MOST_ATTEMPTS = 8


LEASE = timedelta(seconds=60)


MISMATCH, DISPUTED, NOT_TAKEN, RUNS_OUT = (
    "payment_mismatch",
    "payment_disputed",
    "payment_not_taken",
    "authorisation_ends",
)


State = PaymentIntent.Status


@transaction.atomic(savepoint=False)
def begin_intent(
    *, order_id: int, amount: Decimal | None = None, by: Actor, now: datetime
) -> PaymentIntent:
    """Write down that the channel's provider is to take what is due of an order; an open one is answered again.

    amount   a part of it: a deposit, captured as soon as the customer has agreed; None: all that is due

    Nobody has been asked yet: the call to the provider is written beside it, under its own key.
    Raises Conflict where nothing is due or the channel has no provider, IllegalTransition.
    """
    require(by, "orders.pay")
    order = lock_order(order_id)
    ORDER.next_state(order.status, "pay")
    provider = PaymentProvider.objects.filter(channel_id=order.channel_id, is_active=True).first()
    if provider is None:
        raise Conflict(_("This channel has no payment provider."))
    waiting = PaymentIntent.objects.filter(order=order, status__in=("created", "open")).first()
    due = balance_of(order) - sum(
        (open_of(p) for p in Payment.objects.filter(order=order)), Decimal(0)
    )
    if amount is not None and not 0 < amount <= max(due, Decimal(0)):
        raise Invalid(
            errors=[
                FieldError(
                    "/amount",
                    "out-of-range",
                    _("More than is due, or nothing: %(due)s is due.") % {"due": due},
                )
            ]
        )
    wanted = due if amount is None else rounded(amount, order.currency)
    if waiting is not None and waiting.amount == wanted:
        return waiting
    if waiting is not None:
        raise Conflict(_("The customer is paying another amount just now."))
    if due <= 0:
        raise Conflict(_("Nothing is left to be paid."))
    intent = PaymentIntent.objects.create(
        order=order,
        provider=provider,
        amount=wanted,
        at_once=wanted < due,
        currency=order.currency,
        created_at=now,
    )
    owe_call(
        intent=intent,
        kind="create",
        amount=wanted,
        key=f"{order.number}-{secrets.token_hex(8)}",
    )
    return intent


def owe_call(*, intent: PaymentIntent, kind: str, amount: Decimal, key: str) -> None:
    """Write down what a provider is to be asked; the same key is asked once."""
    PaymentCall.objects.bulk_create(
        [PaymentCall(intent=intent, kind=kind, amount=amount, key=key[:100])],
        ignore_conflicts=True,
    )


@transaction.atomic(savepoint=False)
def owe_captures(*, order_id: int, by: Actor, now: datetime) -> Decimal:
    """When a parcel has left: what is in it is to be captured, of the authorisations in turn; return how much.

    What no provider of ours holds is noted on the timeline, for whoever captures it elsewhere.
    """
    order = lock_order(order_id)
    asked = PaymentCall.objects.filter(intent__order=order, kind="capture", status="due")
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
        owe_call(
            intent=intent,
            kind="capture",
            amount=part,
            key=f"{order.number}-capture-{intent.pk}-{nth}",
        )
    return total - left


@transaction.atomic(savepoint=False)
def owe_voids(*, order_id: int, now: datetime) -> int:
    """When an order is cancelled: what providers hold for it is to be given back; return how many were told."""
    order = lock_order(order_id)
    told = 0
    for intent in PaymentIntent.objects.filter(
        order=order, status__in=("created", "open", "authorised")
    ).select_for_update():
        owe_call(
            intent=intent, kind="void", amount=intent.amount, key=f"{order.number}-void-{intent.pk}"
        )
        told += 1
    return told


@transaction.atomic(savepoint=False)
def owe_refund(*, order_id: int, amount: Decimal, key: str) -> bool:
    """Ask the providers that took an order's money to give so much back; False where they did not take enough.

    key   the refund's number
    """
    order = lock_order(order_id)
    left, parts = amount, []
    for intent in PaymentIntent.objects.filter(order=order, payment__isnull=False).order_by("pk"):
        assert intent.payment is not None
        asked = PaymentCall.objects.filter(intent=intent, kind="refund", status="due")
        taken = intent.payment.captured - intent.payment.refunded
        part = min(left, taken - sum(asked.values_list("amount", flat=True), Decimal(0)))
        if part > 0:
            parts.append((intent, part))
            left -= part
    if left > 0 or not parts:
        return False
    for intent, part in parts:
        owe_call(intent=intent, kind="refund", amount=part, key=f"{key}-{intent.pk}")
    return True


def is_refund_owed(*, key: str) -> bool:
    """Whether a provider has yet to answer for a refund."""
    return PaymentCall.objects.filter(
        kind="refund", key__startswith=f"{key}-", status__in=("due", "parked")
    ).exists()


@transaction.atomic(savepoint=False)
def lease_calls(*, now: datetime, limit: int = 20, intent_id: int | None = None) -> list[int]:
    """Take the calls that are due, the counter of each raised first. Of an intent, one after another."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT c.id FROM orders_paymentcall c
                WHERE c.status = 'due' AND c.due_at <= %s AND (%s::bigint IS NULL OR c.intent_id = %s)
                  AND NOT EXISTS (SELECT 1 FROM orders_paymentcall b
                                  WHERE b.intent_id = c.intent_id AND b.id < c.id AND b.status = 'due')
                ORDER BY c.due_at, c.id LIMIT %s FOR UPDATE OF c SKIP LOCKED)
            UPDATE orders_paymentcall c SET attempts = c.attempts + 1, due_at = %s
            FROM due WHERE c.id = due.id RETURNING c.id
            """,
            [now, intent_id, intent_id, limit, now + LEASE],
        )
        return sorted(pk for (pk,) in cursor.fetchall())


@transaction.atomic(savepoint=False)
def note_answer(*, call_id: int, answer: Answer, by: Actor, now: datetime) -> PaymentCall:
    """Write down what a provider answered, and what follows from it, once."""
    call, intent = _locked(call_id)
    if call.status != "due":
        return call
    call.status, call.done_at, call.error = PaymentCall.Status.DONE, now, ""
    call.save()
    if call.kind == "create":
        intent.external_id, intent.client_secret = answer.external_id, answer.client_secret
        if intent.status == State.CREATED:
            intent.status = State.OPEN
        intent.save()
    elif call.kind == "capture":
        _captured(intent, call.amount, call.key, by, now)
    elif call.kind == "void":
        _voided(intent, call.key, by, now)
    elif call.kind == "refund":
        order = intent.order
        record_event(
            "payment.refunded",
            subject=f"order:{order.pk}",
            channel_id=order.channel_id,
            order_id=order.pk,
            key=call.key.rpartition("-")[0],
        )
    return call


@transaction.atomic(savepoint=False)
def note_call_failure(
    *, call_id: int, error: str, is_final: bool, by: Actor, now: datetime
) -> PaymentCall:
    """Write down why a provider did not do what it was asked: it is asked later and later, then a person looks.

    A capture that is refused holds what has not left yet: money is at risk.
    """
    call, intent = _locked(call_id)
    call.error = error[:300]
    if is_final or call.attempts >= MOST_ATTEMPTS:
        call.status = PaymentCall.Status.PARKED
        if call.kind == "create":
            intent.status = State.FAILED
            intent.save(update_fields=["status"])
        _hold(intent.order_id, NOT_TAKEN, by, now)
    else:
        call.due_at = now + timedelta(seconds=min(3600, 15 * 4 ** (call.attempts - 1)))
    call.save()
    return call


@transaction.atomic(savepoint=False)
def hear_provider(
    *, provider_id: int, news: News, body: bytes, by: Actor, now: datetime
) -> ProviderEvent:
    """Keep what a provider said by webhook, and act on it, once.

    Account, intent, currency and amount must be what we asked for: what does not match is kept, holds the
    order, and is not counted as money.
    """
    provider = PaymentProvider.objects.get(pk=provider_id)
    known = ProviderEvent.objects.filter(provider=provider, external_id=news.external_id).first()
    if known is not None:
        return known
    found = PaymentIntent.objects.filter(provider=provider, external_id=news.intent or "-").first()
    outcome: str = ProviderEvent.Outcome.IGNORED
    if found is not None and news.what:
        lock_order(found.order_id)
        found = PaymentIntent.objects.select_for_update().get(pk=found.pk)
        outcome = _act(provider, found, news, by, now)
    return ProviderEvent.objects.create(
        provider=provider,
        external_id=news.external_id,
        kind=news.kind,
        intent=found,
        outcome=outcome,
        body=body,
        received_at=now,
    )


def _act(
    provider: PaymentProvider, intent: PaymentIntent, news: News, by: Actor, now: datetime
) -> str:
    outcome = ProviderEvent.Outcome
    foreign = bool(provider.account and news.account and news.account != provider.account)
    wrong = foreign or news.currency != intent.currency or news.amount > intent.amount
    if news.what == "authorised" and news.amount != intent.amount and intent.payment is None:
        wrong = True
    if wrong:
        _hold(intent.order_id, MISMATCH, by, now)
        return outcome.MISMATCH
    if news.what == "disputed":
        _hold(intent.order_id, DISPUTED, by, now)
        return outcome.DONE
    if news.what == "failed":
        return outcome.DONE  # the customer tries again, with another card
    if news.what == "refunded":
        return outcome.KNOWN  # refunds are ours to ask for, and are noted when they are answered
    if news.what == "voided":
        return outcome.DONE if _voided(intent, news.external_id, by, now) else outcome.KNOWN
    if news.what == "authorised":
        return outcome.DONE if _authorised(intent, by, now) else outcome.KNOWN
    before = intent.payment.captured if intent.payment else Decimal(0)
    if news.amount <= before:
        return outcome.KNOWN
    asked = PaymentCall.objects.filter(intent=intent, kind="capture", status="due").first()
    reference = asked.key if asked else news.external_id
    _captured(intent, news.amount - before, reference, by, now)
    if asked is not None:
        asked.status, asked.done_at = PaymentCall.Status.DONE, now
        asked.save()
    return outcome.DONE


def _authorised(intent: PaymentIntent, by: Actor, now: datetime) -> bool:
    """The customer has agreed to pay; whether that was news. Of an order that ended it is given back."""
    if intent.payment is not None:
        return False
    order = intent.order
    payment = note_authorised(
        order=order,
        method=intent.provider.kind,
        reference=intent.external_id,
        amount=intent.amount,
        by=by,
        now=now,
    )
    if "pay" in ORDER.verbs_from(order.status):
        after_paying(order=order, by=by, now=now)
    else:
        owe_call(
            intent=intent, kind="void", amount=intent.amount, key=f"{order.number}-late-{intent.pk}"
        )
    intent.payment, intent.status = payment, State.AUTHORISED
    intent.authorised_until = now + timedelta(days=intent.provider.authorised_days)
    intent.save()
    if intent.at_once and "pay" in ORDER.verbs_from(order.status):
        owe_call(
            intent=intent,
            kind="capture",
            amount=intent.amount,
            key=f"{order.number}-capture-{intent.pk}-1",
        )
    return True


def _captured(
    intent: PaymentIntent, amount: Decimal, reference: str, by: Actor, now: datetime
) -> None:
    _authorised(intent, by, now)
    intent.refresh_from_db()
    assert intent.payment is not None
    capture_payment(
        payment_id=intent.payment.pk, amount=amount, reference=reference, by=by, now=now
    )
    intent.payment.refresh_from_db()
    if open_of(intent.payment) <= 0:
        intent.status = State.CAPTURED
        intent.save(update_fields=["status"])


def _voided(intent: PaymentIntent, reference: str, by: Actor, now: datetime) -> bool:
    if intent.status in {State.VOIDED, State.FAILED}:
        return False
    if intent.payment is not None and open_of(intent.payment) > 0:
        void_payment(payment_id=intent.payment.pk, reference=reference, by=by, now=now)
    captured = intent.payment is not None and intent.payment.captured > 0
    intent.status = State.CAPTURED if captured else State.VOIDED
    intent.save(update_fields=["status"])
    return True


@transaction.atomic(savepoint=False)
def warn_of_ending(*, now: datetime, by: Actor) -> int:
    """Hold orders that have not left and whose authorisation ends within a day; return how many."""
    rows = PaymentIntent.objects.filter(
        status="authorised",
        authorised_until__lte=now + timedelta(days=1),
        order__status__in=("pending", "confirmed"),
        order__fulfillment_status__in=("unfulfilled", "in_progress"),
    )
    ids = sorted(set(rows.values_list("order_id", flat=True)))[:200]
    return sum(_hold(pk, RUNS_OUT, by, now) for pk in ids)


def _hold(order_id: int, reason: str, by: Actor, now: datetime) -> bool:
    """Hold an order for a person, once for each reason; one that has ended has it on its timeline alone."""
    order: Order = lock_order(order_id)
    if Hold.objects.filter(order=order, reason=reason).exists():
        return False
    if "hold" not in ORDER.verbs_from(order.status):
        append_event(
            order_id=order.pk,
            kind="hold.opened",
            by=by,
            now=now,
            data={"kind": "payment", "reason": reason},
        )
        return True
    hold_order(order_id=order.pk, kind="payment", reason=reason, by=by, now=now)
    return True


def _locked(call_id: int) -> tuple[PaymentCall, PaymentIntent]:
    order_id = PaymentCall.objects.values_list("intent__order_id", flat=True).get(pk=call_id)
    lock_order(order_id)
    call = PaymentCall.objects.select_for_update().get(pk=call_id)
    intent = PaymentIntent.objects.select_for_update().get(pk=call.intent_id)
    return call, intent
