"""Payments over the API: recording, authorising, capturing, intents, and providers' webhooks."""

from collections.abc import Callable
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
    answer_once,
    decoded,
    raw_body,
)
from erp.api.problems import problem, refusal
from erp.api.schema import operation
from erp.api.values import money, stamp
from erp.errors import FieldError, Invalid, Malformed, NotFound, Unauthenticated
from erp.ids import primary_key, public_id
from erp.once import perform
from orders.customers.contacts import Amount
from orders.order.api import OrderVerb, read_order
from orders.order.document import payment_document
from orders.order.models.order import Order
from orders.order.models.payment import Payment
from orders.order.queries import find_order
from orders.payments.actions.authorise import authorise_payment, capture_payment, void_payment
from orders.payments.actions.intents import begin_intent, hear_provider
from orders.payments.actions.record import record_payment
from orders.payments.gateway import make_calls
from orders.payments.models import PaymentIntent, PaymentProvider
from orders.payments.providers import ADAPTERS


class PaymentBody(msgspec.Struct, forbid_unknown_fields=True):
    """Money that was captured, or is authorised: what its provider calls it, and how much."""

    method: str
    reference: str
    amount: Amount


class _Paying(OrderVerb[PaymentBody]):
    """A verb that brings money, or its promise."""

    body = PaymentBody
    key_required = True

    def arguments(self, body: PaymentBody) -> dict[str, object]:
        amount = body.amount.decimal()
        if amount is None:
            raise Invalid(_("An amount is a decimal number."))
        return {
            "method": body.method[:12],
            "reference": body.reference[:200],
            "amount": amount,
            "currency": body.amount.currency,
        }


class PayOrder(_Paying):
    rights = {"get": "orders.view", "post": "orders.pay"}
    verb = staticmethod(record_payment)

    @operation("List an order's payments")
    def get(self, request: Request, number: str) -> HttpResponse:
        order = find_order(self.actor, number)
        rows = Payment.objects.filter(order=order).order_by("pk").prefetch_related("events")
        return answer_json({"object": "list", "data": [payment_document(row) for row in rows]})

    @operation("Record a payment", body=PaymentBody, idempotency=True)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)


class AuthoriseOrder(_Paying):
    rights = {"post": "orders.pay"}
    verb = staticmethod(authorise_payment)

    @operation("Record that money is authorised", body=PaymentBody, idempotency=True)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)


MOST_BYTES = 1024 * 1024


class IntentBody(msgspec.Struct, forbid_unknown_fields=True):
    """A deposit, captured at once; without an amount all that is due, captured as parcels leave."""

    amount: Amount | None = None


class CaptureBody(msgspec.Struct, forbid_unknown_fields=True):
    """What was taken of an authorisation; without an amount all that is left of it."""

    reference: str
    amount: Amount | None = None


class VoidBody(msgspec.Struct, forbid_unknown_fields=True):
    reference: str


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
        "Begin to pay what is due of an order, or a deposit", body=IntentBody, idempotency=False
    )
    def post(self, request: Request, number: str) -> HttpResponse:
        body: IntentBody = decoded(raw_body(request) or b"{}", IntentBody)
        order = find_order(self.actor, number)
        amount = None if body.amount is None else _amount_in(body.amount, order.currency)
        now = timezone.now()
        intent = perform(begin_intent, order_id=order.pk, amount=amount, by=self.actor, now=now)
        make_calls(now=timezone.now(), intent_id=intent.pk)
        intent = PaymentIntent.objects.select_related("provider").get(pk=intent.pk)
        return answer_json(intent_document(intent, order), 201)


class _OnPayment(Endpoint):
    """A verb on one payment of an order; answers the order."""

    rights = {"post": "orders.pay"}

    def call(
        self,
        request: Request,
        number: str,
        payment: str,
        action: Callable[..., object],
        **given: object,
    ) -> HttpResponse:
        order = find_order(self.actor, number)
        pk = primary_key("pay", payment)
        if not Payment.objects.filter(pk=pk or 0, order=order).exists():
            raise NotFound
        actor = self.actor
        return answer_once(
            request,
            raw_body(request),
            action,
            lambda _done: read_order(order.pk, actor),
            http_status=200,
            required=True,
            now=timezone.now(),
            payment_id=pk,
            by=actor,
            **given,
        )


class CapturePayment(_OnPayment):
    @operation("Record that authorised money was captured", body=CaptureBody, idempotency=True)
    def post(self, request: Request, number: str, payment: str) -> HttpResponse:
        body: CaptureBody = decoded(raw_body(request), CaptureBody)
        amount: Decimal | None = None
        if body.amount is not None:
            amount = body.amount.decimal()
            if amount is None:
                raise Invalid(_("An amount is a decimal number."))
        return self.call(
            request,
            number,
            payment,
            capture_payment,
            amount=amount,
            reference=body.reference[:200],
        )


class VoidPayment(_OnPayment):
    @operation("Record that authorised money was given back", body=VoidBody, idempotency=True)
    def post(self, request: Request, number: str, payment: str) -> HttpResponse:
        body: VoidBody = decoded(raw_body(request), VoidBody)
        return self.call(request, number, payment, void_payment, reference=body.reference[:200])


@csrf_exempt
def receive_payment_webhook(request: HttpRequest, code: str) -> HttpResponse:
    """Keep and follow what a channel's payment provider says; it is signed, and acted on once."""
    if request.method != "POST":
        return problem(
            405, "method-not-allowed", _("A webhook is posted."), headers={"Allow": "POST"}
        )
    try:
        return _receive(request, code)
    except (NotFound, Unauthenticated, Malformed) as error:
        return refusal(error)


def _receive(request: HttpRequest, code: str) -> HttpResponse:
    provider = PaymentProvider.objects.filter(channel__code=code, is_active=True).first()
    if provider is None:
        raise NotFound
    adapter = ADAPTERS[provider.kind]
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        raise Malformed(_("At most one megabyte."))
    body, now = request.body, timezone.now()
    signature = request.headers.get(adapter.SIGNATURE, "")
    if not adapter.is_signed(body, signature, provider.webhook_secret, now.timestamp()):
        raise Unauthenticated(_("The signature does not fit the body."))
    news = adapter.read(body)
    if news is None:
        raise Malformed(_("This is no event."))
    kept = perform(
        hear_provider,
        provider_id=provider.pk,
        news=news,
        body=body,
        by=job_actor("intake"),
        now=now,
    )
    return answer_json({"object": "provider_event", "received": True, "outcome": kept.outcome})
