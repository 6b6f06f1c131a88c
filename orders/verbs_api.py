"""The verbs on one order over HTTP: cancel, hold, release, pay, assess, mark."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    check_if_match,
    decoded,
    raw_body,
)
from erp.api.schema import operation
from erp.errors import FieldError, Invalid, NotFound
from erp.ids import primary_key
from orders import actions, queries
from orders.actions import Wanted, effect_of
from orders.api import read_order
from orders.documents import money, payment_document
from orders.intake.incoming import Amount, InvoiceWish
from orders.models import Order, Payment


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
    """Money that was captured, or is authorised: what its provider calls it, and how much."""

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


class LineUnits(msgspec.Struct, forbid_unknown_fields=True):
    """How many units of a line are wanted; 0 takes it out. `line` is its id."""

    line: str
    quantity: int


class NewLine(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: int


class ChangeBody(msgspec.Struct, forbid_unknown_fields=True):
    """A change set. `total`, where it is given, is what the order's total was shown to become."""

    lines: list[LineUnits] = []
    added: list[NewLine] = []
    shipping_service: str = ""
    reason: str = ""
    total: Amount | None = None


class InvoiceBody(msgspec.Struct, forbid_unknown_fields=True):
    number: str


class NoBody(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing needs to be said."""


class MarkBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is; "" takes it away."""

    flag: str | None = None
    remark: str | None = None
    print_remark: str | None = None
    tags: list[str] | None = None
    custom: dict[str, str] | None = None  # own fields; "" takes a value away


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


class _Paying(OrderVerb):
    """A verb that brings money, or its promise."""

    body = PaymentBody
    key_required = True

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


class PayOrder(_Paying):
    rights = {"get": "orders.view", "post": "orders.pay"}
    verb = staticmethod(actions.record_payment)

    @operation("List an order's payments")
    def get(self, request: Request, number: str) -> HttpResponse:
        order = queries.find_order(self.actor, number)
        rows = Payment.objects.filter(order=order).order_by("pk").prefetch_related("events")
        return answer_json({"object": "list", "data": [payment_document(row) for row in rows]})

    @operation("Record a payment", body=PaymentBody, idempotency=True)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)


class AuthoriseOrder(_Paying):
    rights = {"post": "orders.pay"}
    verb = staticmethod(actions.authorise_payment)

    @operation("Record that money is authorised", body=PaymentBody, idempotency=True)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)


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
            "custom": body.custom,
        }


class RequestInvoice(OrderVerb):
    rights = {"post": "orders.note"}
    body = InvoiceWish
    verb = staticmethod(actions.request_invoice)

    @operation("Say in whose name an invoice is wanted", body=InvoiceWish, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: InvoiceWish) -> dict[str, Any]:
        return {"wish": body}


class NoteInvoice(OrderVerb):
    rights = {"post": "orders.pay"}
    body = InvoiceBody
    verb = staticmethod(actions.note_invoice)

    @operation("Say that the invoice is issued", body=InvoiceBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: InvoiceBody) -> dict[str, Any]:
        return {"number": body.number}


class ChangeOrder(OrderVerb):
    rights = {"post": "orders.edit"}
    body = ChangeBody
    verb = staticmethod(actions.change_order)

    @operation("Change units, lines or shipping of an order", body=ChangeBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        order = queries.find_order(self.actor, number)
        body: ChangeBody = decoded(raw_body(request), ChangeBody)
        self.wanted = wanted_of(order, body)
        return self.call(request, number)

    def arguments(self, body: ChangeBody) -> dict[str, Any]:
        return {
            "wanted": self.wanted,
            "reason": body.reason,
            "total": body.total.decimal() if body.total else None,
        }


class UndoChange(OrderVerb):
    rights = {"post": "orders.edit"}
    body = NoBody
    verb = staticmethod(actions.undo_change)

    @operation("Undo the newest change of an order", body=NoBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: NoBody) -> dict[str, Any]:
        return {}


class PreviewChange(Endpoint):
    rights = {"post": "orders.edit"}

    @operation("Say what a change of an order would come to", body=ChangeBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        order = queries.find_order(self.actor, number)
        body: ChangeBody = decoded(raw_body(request), ChangeBody)
        effect = effect_of(
            order=order, wanted=wanted_of(order, body), by=self.actor, now=timezone.now()
        )
        changed, currency = effect.changed, order.currency
        return HttpResponse(
            msgspec.json.encode(
                {
                    "object": "order_change_preview",
                    "order": order.number,
                    "version": order.version,
                    **{
                        name: money(getattr(changed, name), currency)
                        for name in (
                            "was",
                            "subtotal",
                            "discount",
                            "shipping",
                            "tax",
                            "total",
                            "due",
                        )
                    },
                    "short": effect.route.short,
                    "warehouses": effect.route.warehouses,
                }
            ),
            content_type="application/json",
        )


def wanted_of(order: Order, body: ChangeBody) -> Wanted:
    """A change as the API says it: lines by their ids. Raises Invalid for one that is not the order's."""
    return Wanted(
        units=units_of(order, body.lines),
        added=[(line.sku, line.quantity) for line in body.added],
        service=body.shipping_service,
    )


def units_of(order: Order, lines: Sequence[LineUnits]) -> dict[int, int]:
    """Units by order line id, of lines named by their public ids. Raises Invalid naming one that is not there."""
    known = set(order.lines.values_list("pk", flat=True))
    named = [primary_key("line", line.line) for line in lines]
    errors = [
        FieldError(f"/lines/{n}/line", "unknown", _("Not a line of this order."))
        for n, pk in enumerate(named)
        if pk not in known
    ]
    if errors:
        raise Invalid(errors=errors)
    return {pk: line.quantity for pk, line in zip(named, lines, strict=True) if pk is not None}
