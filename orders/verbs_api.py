"""The verbs on one order over HTTP: cancel, hold, release, pay, assess, mark."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import Endpoint, answer_once, check_if_match, decoded, raw_body
from erp.api.schema import operation
from erp.errors import Invalid, NotFound
from erp.ids import primary_key
from orders import actions, queries
from orders.api import read_order
from orders.intake.incoming import Amount
from orders.models import Order


class CancelBody(msgspec.Struct, forbid_unknown_fields=True):
    reason: str
    note: str = ""


class HoldBody(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    reason: str
    until: datetime | None = None


class ReleaseBody(msgspec.Struct, forbid_unknown_fields=True):
    hold: str | None = None


class PaymentBody(msgspec.Struct, forbid_unknown_fields=True):
    method: str
    reference: str
    amount: Amount


class RiskBody(msgspec.Struct, forbid_unknown_fields=True):
    """A score from 0 to 100, with the scorer's own id of it."""

    source: str
    reference: str
    score: float
    recommendation: str = ""
    reasons: list[str] = []


class MarkBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is; "" takes it away."""

    flag: str | None = None
    remark: str | None = None
    print_remark: str | None = None
    tags: list[str] | None = None


def _matching(action: Callable[..., Any], request: Request, order: Order) -> Callable[..., Any]:
    """The action, preceded by the If-Match check inside the same transaction."""

    def checked(**arguments: Any) -> Any:
        if request.META.get("HTTP_IF_MATCH"):
            check_if_match(request, actions.lock_order(order.pk).version)
        return action(**arguments)

    return checked


class OrderVerb(Endpoint):
    """A verb on one order: idempotent, If-Match where given, answers the order."""

    body: type
    verb: ClassVar[Callable[..., Any]]
    key_required = False

    def call(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        body: Any = decoded(raw, self.body)
        order = queries.find_order(self.actor, number)
        actor = self.actor
        arguments = self.arguments(body) | {"order_id": order.pk, "by": actor}
        return answer_once(
            request,
            raw,
            _matching(self.verb, request, order),
            lambda _changed: read_order(order.pk, actor),
            required=self.key_required,
            now=timezone.now(),
            **arguments,
        )

    def arguments(self, body: Any) -> dict[str, Any]:
        raise NotFound


class CancelOrder(OrderVerb):
    rights = {"post": "orders.cancel"}
    body = CancelBody
    verb = staticmethod(actions.cancel_order)

    @operation("Cancel an order", body=CancelBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: CancelBody) -> dict[str, Any]:
        return {"reason": body.reason, "note": body.note}


class HoldOrder(OrderVerb):
    rights = {"post": "orders.hold"}
    body = HoldBody
    verb = staticmethod(actions.hold_order)

    @operation("Put a hold on an order", body=HoldBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: HoldBody) -> dict[str, Any]:
        return {"kind": body.kind, "reason": body.reason, "until": body.until}


class ReleaseOrder(OrderVerb):
    rights = {"post": "orders.release"}
    body = ReleaseBody
    verb = staticmethod(actions.release_order)

    @operation("Release an order's holds, or one of them", body=ReleaseBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: ReleaseBody) -> dict[str, Any]:
        if body.hold is None:
            return {}
        pk = primary_key("hold", body.hold)
        if pk is None:
            raise Invalid(_("There is no such hold."))
        return {"hold_id": pk}


class PayOrder(OrderVerb):
    rights = {"post": "orders.pay"}
    body = PaymentBody
    key_required = True
    verb = staticmethod(actions.record_payment)

    @operation("Record a payment", body=PaymentBody, idempotency=True)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: PaymentBody) -> dict[str, Any]:
        amount = body.amount.decimal()
        if amount is None:
            raise Invalid(_("An amount is a decimal number."))
        return {
            "method": body.method[:12],
            "reference": body.reference[:200],
            "amount": amount,
            "currency": body.amount.currency,
        }


class AssessOrder(OrderVerb):
    rights = {"post": "orders.assess"}
    body = RiskBody
    verb = staticmethod(actions.assess_risk)

    @operation("Say how likely an order is fraud", body=RiskBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: RiskBody) -> dict[str, Any]:
        return {
            "source": body.source,
            "reference": body.reference,
            "score": Decimal(str(body.score)),
            "recommendation": body.recommendation,
            "reasons": body.reasons,
        }


class MarkOrder(OrderVerb):
    rights = {"post": "orders.mark"}
    body = MarkBody
    verb = staticmethod(actions.mark_order)

    @operation("Flag an order, or write remarks on it", body=MarkBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: MarkBody) -> dict[str, Any]:
        return {
            "flag": body.flag,
            "remark": body.remark,
            "print_remark": body.print_remark,
            "tags": body.tags,
        }
