"""Sends queued payment calls to the provider. Network I/O here; every write is an action."""

import logging
from datetime import datetime

from erp.access.models import Actor
from erp.access.queries import job_actor
from erp.effects.door import rests_while_paused
from erp.once import perform
from erp.rounds import by_rows
from orders.payments.actions.intents import note_answer, note_call_failure
from orders.payments.actions.provider_calls import CALLS
from orders.payments.models import PaymentCall
from orders.payments.providers import ADAPTERS
from orders.payments.providers.shapes import Answer, Refused, Unavailable

logger = logging.getLogger(__name__)
DIED = "The worker died each time that it sent this."


@rests_while_paused
def send_calls(*, now: datetime, intent_id: int | None = None) -> int:
    """Send due payment calls, each once under its key, while there is time; return how many were sent.

    One at a time: of twenty under one lease, a slow provider was sent the last ones by the next worker as well.
    """
    by = job_actor("scheduler")

    def give_up(pk: int) -> None:
        perform(note_call_failure, call_id=pk, error=DIED, is_final=True, by=by, now=now)

    with by_rows("ask_payment_providers") as turn:
        return turn.one_by_one(
            CALLS, lambda pk: _send_one(pk, by, now), now=now, give_up=give_up, intent=intent_id
        )


def _send_one(pk: int, by: Actor, now: datetime) -> None:
    call = PaymentCall.objects.select_related("intent__provider", "intent__order").get(pk=pk)
    try:
        answer = _ask(call)
    except (Unavailable, Refused) as refusal:
        logger.warning("Payment call %s was not answered: %s", call.key, refusal)
        is_final = isinstance(refusal, Refused)
        perform(
            note_call_failure, call_id=pk, error=str(refusal), is_final=is_final, by=by, now=now
        )
    else:
        perform(note_answer, call_id=pk, answer=answer, by=by, now=now)


def _ask(call: PaymentCall) -> Answer:
    intent, provider = call.intent, call.intent.provider
    adapter = ADAPTERS[provider.kind]
    known = {"url": provider.url, "secret": provider.secret, "key": call.key}
    if call.kind == "create":
        return adapter.open_intent(
            **known,
            amount=call.amount,
            currency=intent.currency,
            order=intent.order.number,
            later=provider.capture == "on_ship",
        )
    if not intent.external_id:  # it was never made there: nothing is held
        return Answer("")
    if call.kind == "void":
        return adapter.void(**known, intent=intent.external_id)
    held, amount, currency = intent.external_id, call.amount, intent.currency
    if call.kind == "refund":
        return adapter.refund(**known, intent=held, amount=amount, currency=currency)
    payment = intent.payment
    left = payment.authorised - payment.captured - payment.voided if payment else call.amount
    return adapter.capture(
        **known, intent=held, amount=amount, currency=currency, last=amount >= left
    )
