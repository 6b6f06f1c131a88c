"""Creates payment intents and advances them by the provider's answers and webhooks."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, FieldError, Invalid
from erp.events.record import record_event
from erp.money import rounded
from orders.order.actions.holds import hold_once
from orders.order.actions.timeline import lock_order
from orders.order.models.order import Hold
from orders.order.models.payment import Payment
from orders.order.queries import balance_of
from orders.order.states import ORDER
from orders.payments.actions.authorise import (
    capture_payment,
    note_authorised,
    open_of,
    void_payment,
)
from orders.payments.actions.provider_calls import CALLS, queue_call
from orders.payments.actions.record import after_paying
from orders.payments.models import PaymentCall, PaymentIntent, PaymentProvider, ProviderEvent
from orders.payments.providers.shapes import Answer, ProviderMessage

ENDS_SOON = timedelta(days=1)  # before an authorisation ends a person looks


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
        detail = _("Enter an amount above zero, at most %(due)s.") % {"due": due}
        raise Invalid(errors=[FieldError("/amount", "out-of-range", detail)])
    wanted = due if amount is None else rounded(amount, order.currency)
    if waiting is not None and waiting.amount == wanted:
        return waiting
    if waiting is not None:
        raise Conflict(_("The customer is already paying a different amount."))
    if due <= 0:
        raise Conflict(_("Nothing left to pay."))
    intent = PaymentIntent.objects.create(
        order=order,
        provider=provider,
        amount=wanted,
        at_once=wanted < due,
        currency=order.currency,
        created_at=now,
    )
    queue_call(
        intent=intent,
        kind="create",
        amount=wanted,
        key=f"{order.number}-{secrets.token_hex(8)}",
    )
    return intent


@transaction.atomic(savepoint=False)
def note_answer(*, call_id: int, answer: Answer, by: Actor, now: datetime) -> PaymentCall:
    """Write down what a provider answered, and what follows from it, once."""
    call, intent = _locked(call_id)
    if call.status != "due":
        return call
    call.status, call.done_at, call.error = PaymentCall.Status.DONE, now, ""
    call.is_leased = False
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

    A capture that is refused holds what has not left yet: money is at risk. What has been answered meanwhile, to
    whoever was thought dead, stays answered.
    """
    call, intent = _locked(call_id)
    if call.status != "due":
        return call
    call.error, call.attempts, call.is_leased = error[:300], call.attempts + 1, False
    if is_final or call.attempts >= CALLS.most:
        call.status = PaymentCall.Status.PARKED
        if call.kind == "create":
            intent.status = State.FAILED
            intent.save(update_fields=["status"])
        hold_once(order_id=intent.order_id, finding=NOT_TAKEN, by=by, now=now)
    else:
        call.due_at = now + timedelta(seconds=min(3600, 15 * 4 ** (call.attempts - 1)))
    call.save()
    return call


@transaction.atomic(savepoint=False)
def handle_provider_event(
    *, provider_id: int, news: ProviderMessage, body: bytes, by: Actor, now: datetime
) -> ProviderEvent:
    """Record a provider's webhook and act on it, once.

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
    provider: PaymentProvider,
    intent: PaymentIntent,
    news: ProviderMessage,
    by: Actor,
    now: datetime,
) -> str:
    outcome = ProviderEvent.Outcome
    foreign = bool(provider.account and news.account and news.account != provider.account)
    if news.amount is None or news.currency != intent.currency:
        hold_once(order_id=intent.order_id, finding=MISMATCH, by=by, now=now)
        return outcome.MISMATCH
    wrong = foreign or news.amount > intent.amount
    if news.what == "authorised" and news.amount != intent.amount and intent.payment is None:
        wrong = True
    if wrong:
        hold_once(order_id=intent.order_id, finding=MISMATCH, by=by, now=now)
        return outcome.MISMATCH
    if news.what == "disputed":
        hold_once(order_id=intent.order_id, finding=DISPUTED, by=by, now=now)
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
    asked = _capture_told(intent, news.amount - before)
    reference = asked.key if asked else news.external_id
    _captured(intent, news.amount - before, reference, by, now)
    if asked is not None:
        asked.status, asked.done_at, asked.is_leased = PaymentCall.Status.DONE, now, False
        asked.save()
    return outcome.DONE


def _capture_told(intent: PaymentIntent, amount: Decimal) -> PaymentCall | None:
    """The capture that a provider says is done: the one of that amount, else the oldest that is not answered.

    One that is parked may have been done all the same: replayed afterwards, it was counted twice.
    """
    open_ones = PaymentCall.objects.filter(
        intent=intent, kind="capture", status__in=("due", "parked")
    ).order_by("pk")
    return open_ones.filter(amount=amount).first() or open_ones.first()


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
        queue_call(
            intent=intent, kind="void", amount=intent.amount, key=f"{order.number}-late-{intent.pk}"
        )
    intent.payment, intent.status = payment, State.AUTHORISED
    intent.authorised_until = now + timedelta(days=intent.provider.authorised_days)
    intent.save()
    if intent.at_once and "pay" in ORDER.verbs_from(order.status):
        queue_call(
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
    """Hold orders that have not left and whose authorisation ends within a day; return how many.

    One that was held for this end is not held again; a new authorisation has an end of its own.
    """
    held = Hold.objects.filter(
        order=OuterRef("order"),
        reason=RUNS_OUT,
        opened_at__gte=OuterRef("authorised_until") - ENDS_SOON,
    )
    rows = PaymentIntent.objects.filter(
        ~Exists(held),
        status="authorised",
        authorised_until__lte=now + ENDS_SOON,
        order__status__in=("pending", "confirmed"),
        order__fulfillment_status__in=("unfulfilled", "in_progress"),
    )
    ids = sorted(set(rows.values_list("order_id", flat=True)[:200]))
    return sum(hold_once(order_id=pk, finding=RUNS_OUT, by=by, now=now) for pk in ids)


def _locked(call_id: int) -> tuple[PaymentCall, PaymentIntent]:
    order_id = PaymentCall.objects.values_list("intent__order_id", flat=True).get(pk=call_id)
    lock_order(order_id)
    call = PaymentCall.objects.select_for_update().get(pk=call_id)
    intent = PaymentIntent.objects.select_for_update().get(pk=call.intent_id)
    return call, intent
