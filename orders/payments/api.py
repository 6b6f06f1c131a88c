"""Serves payments over the API: record, authorise, capture, intents, provider webhooks."""

from decimal import Decimal

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request

from erp.access.queries import job_actor
from erp.api.endpoint import (
    Endpoint,
    answer_json,
    decoded,
    once,
    raw_body,
)
from erp.api.problems import problem, refusal
from erp.api.schema import operation
from erp.api.values import money, stamp
from erp.api.verbs import VerbEndpoint, post_of
from erp.errors import DomainError, FieldError, Invalid, Malformed, Unauthenticated
from erp.ids import public_id
from erp.once import Answer, perform
from erp.queries import find_one
from orders.customers.contacts import Amount
from orders.order.document import payment_document
from orders.order.models.order import Order
from orders.order.models.payment import Payment
from orders.order.queries import find_order
from orders.order.verbs import NOUN
from orders.payments.actions.intents import begin_intent, handle_provider_event
from orders.payments.gateway import send_calls
from orders.payments.models import PaymentIntent, PaymentProvider
from orders.payments.providers import ADAPTERS
from orders.payments.verbs import PAY


class OrderPayments(VerbEndpoint):
    """What was paid for an order; posting records a payment."""

    noun, verb = NOUN, PAY
    rights = {"get": "orders.view", "post": PAY.right}
    post = post_of(PAY)

    @operation("List an order's payments")
    def get(self, request: Request, number: str) -> HttpResponse:
        order = find_order(self.actor, number)
        rows = Payment.objects.filter(order=order).order_by("pk").prefetch_related("events")
        return answer_json({"object": "list", "data": [payment_document(row) for row in rows]})


MOST_BYTES = 1024 * 1024


class IntentBody(msgspec.Struct, forbid_unknown_fields=True):
    """A deposit, captured at once; without an amount all that is due, captured as parcels leave."""

    amount: Amount | None = None


def intent_document(intent: PaymentIntent, order: Order) -> dict[str, object]:
    """What a storefront needs for its customer to pay."""
    return {
        "object": "payment_intent",
        "id": public_id("pi", intent.pk),
        "order": order.number,
        "provider": intent.provider.kind,
        "status": intent.status,
        "amount": money(intent.amount, intent.currency),
        "external_id": intent.external_id,
        "client_secret": intent.client_secret if intent.status == "open" else "",
        "created_at": stamp(intent.created_at),
    }


def _amount_in(said: Amount, currency: str) -> Decimal:
    """An amount that is in the order's currency. Raises Invalid."""
    amount = said.decimal()
    if amount is None or said.currency != currency:
        detail = _("An amount is a decimal number.")
        raise Invalid(errors=[FieldError("/amount", "malformed", detail)])
    return amount


class PaymentIntents(Endpoint):
    """An order's intents; posting begins one, and asks the provider at once."""

    rights = {"get": "orders.view", "post": "orders.pay"}

    @operation("List an order's payment intents")
    def get(self, request: Request, number: str) -> HttpResponse:
        order = find_order(self.actor, number)
        rows = PaymentIntent.objects.filter(order=order).select_related("provider")
        return answer_json(
            {
                "object": "list",
                "data": [intent_document(row, order) for row in rows.order_by("pk")],
            }
        )

    @operation(
        "Create a payment intent for an order or a deposit", body=IntentBody, idempotency=False
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, IntentBody)

        def look_up() -> dict[str, object]:
            order = find_order(self.actor, number)
            amount = None if body.amount is None else _amount_in(body.amount, order.currency)
            return {"order_id": order.pk, "amount": amount}

        # What is kept under the key is which intent it is: a repeated call is told how far that is by now.
        begun = once(
            request,
            raw,
            begin_intent,
            lambda intent: Answer(201, str(intent.pk).encode()),
            look_up,
            by=self.actor,
            now=timezone.now(),
        )
        pk = int(begun.body)
        send_calls(now=timezone.now(), intent_id=pk)
        intent = PaymentIntent.objects.select_related("provider", "order").get(pk=pk)
        response = answer_json(intent_document(intent, intent.order), 201)
        if begun.replayed:
            response["Idempotent-Replayed"] = "true"
        return response


@csrf_exempt
def receive_payment_webhook(request: HttpRequest, code: str) -> HttpResponse:
    """Keep and follow what a channel's payment provider says; it is signed, and acted on once."""
    if request.method != "POST":
        return problem(
            405, "method-not-allowed", _("Send webhooks with POST."), headers={"Allow": "POST"}
        )
    try:
        return _receive(request, code)
    except DomainError as error:
        return refusal(error)


def _receive(request: HttpRequest, code: str) -> HttpResponse:
    provider = find_one(PaymentProvider.objects.filter(channel__code=code, is_active=True))
    adapter = ADAPTERS[provider.kind]
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise Malformed(_("At most one megabyte."))
    body, now = request.body, timezone.now()
    signature = request.headers.get(adapter.SIGNATURE, "")
    if not adapter.is_signed(body, signature, provider.webhook_secret, now.timestamp()):
        raise Unauthenticated(_("The signature does not match the body."))
    news = adapter.read(body)
    if news is None:
        raise Malformed(_("Not an event."))
    kept = perform(
        handle_provider_event,
        provider_id=provider.pk,
        news=news,
        body=body,
        by=job_actor("intake"),
        now=now,
    )
    return answer_json({"object": "provider_event", "received": True, "outcome": kept.outcome})
