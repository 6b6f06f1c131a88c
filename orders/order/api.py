"""The API of one order: reading it, holds, cancelling, marks; and customers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, Generic, TypeVar

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.access.models import Actor
from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    check_if_match,
    check_parameters,
    choices,
    decoded,
    page_of,
    raw_body,
    tagged,
)
from erp.api.schema import operation
from erp.api.values import stamp
from erp.errors import FieldError, Invalid, NotFound
from erp.ids import primary_key, public_id
from erp.wiring import EXPANDS, resolve
from orders.customers.models import Customer
from orders.customers.queries import customer_ids_by_identity
from orders.order.actions.holds import hold_order, release_order
from orders.order.actions.life import cancel_order
from orders.order.actions.marks import mark_order
from orders.order.actions.timeline import lock_order
from orders.order.document import OrderDocument, Row, encoded, etag, order_document
from orders.order.models.order import Order
from orders.order.queries import (
    ORDER_COLUMNS,
    customers_visible_to,
    decisions_of,
    events_of,
    find_order,
    order_parts,
    orders_visible_to,
)


class CancelBody(msgspec.Struct, forbid_unknown_fields=True):
    reason: str
    note: str = ""


class HoldBody(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    reason: str
    until: datetime | None = None


class ReleaseBody(msgspec.Struct, forbid_unknown_fields=True):
    hold: str | None = None


class LineUnits(msgspec.Struct, forbid_unknown_fields=True):
    """How many units of a line are wanted; 0 takes it out. `line` is its id."""

    line: str
    quantity: int


class NoBody(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing needs to be said."""


class MarkBody(msgspec.Struct, forbid_unknown_fields=True):
    """What is left out stays as it is; "" takes it away."""

    flag: str | None = None
    remark: str | None = None
    print_remark: str | None = None
    tags: list[str] | None = None
    custom: dict[str, str] | None = None  # own fields; "" takes a value away


def _matching(
    action: Callable[..., object], request: Request, order: Order
) -> Callable[..., object]:
    """The action, preceded by the If-Match check inside the same transaction."""

    def checked(**arguments: object) -> object:
        if request.META.get("HTTP_IF_MATCH"):
            check_if_match(request, lock_order(order.pk).version)
        return action(**arguments)

    return checked


B = TypeVar("B")


class OrderVerb(Endpoint, Generic[B]):
    """A verb on one order: idempotent, If-Match where given, answers the order."""

    body: type[B]
    verb: ClassVar[Callable[..., object]]
    key_required = False

    def call(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, self.body)
        order = find_order(self.actor, number)
        actor = self.actor
        arguments = self.arguments(body) | {"order_id": order.pk, "by": actor}
        return answer_once(
            request,
            raw,
            _matching(self.verb, request, order),
            lambda _changed: read_order(order.pk, actor),
            http_status=200,
            required=self.key_required,
            now=timezone.now(),
            **arguments,
        )

    def arguments(self, body: B) -> dict[str, object]:
        raise NotFound


class CancelOrder(OrderVerb[CancelBody]):
    rights = {"post": "orders.cancel"}
    body = CancelBody
    verb = staticmethod(cancel_order)

    @operation("Cancel an order", body=CancelBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: CancelBody) -> dict[str, object]:
        return {"reason": body.reason, "note": body.note}


class HoldOrder(OrderVerb[HoldBody]):
    rights = {"post": "orders.hold"}
    body = HoldBody
    verb = staticmethod(hold_order)

    @operation("Put a hold on an order", body=HoldBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: HoldBody) -> dict[str, object]:
        return {"kind": body.kind, "reason": body.reason, "until": body.until}


class ReleaseOrder(OrderVerb[ReleaseBody]):
    rights = {"post": "orders.release"}
    body = ReleaseBody
    verb = staticmethod(release_order)

    @operation("Release an order's holds, or one of them", body=ReleaseBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: ReleaseBody) -> dict[str, object]:
        if body.hold is None:
            return {}
        pk = primary_key("hold", body.hold)
        if pk is None:
            raise Invalid(_("There is no such hold."))
        return {"hold_id": pk}


class MarkOrder(OrderVerb[MarkBody]):
    rights = {"post": "orders.mark"}
    body = MarkBody
    verb = staticmethod(mark_order)

    @operation("Flag an order, or write remarks on it", body=MarkBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: MarkBody) -> dict[str, object]:
        return {
            "flag": body.flag,
            "remark": body.remark,
            "print_remark": body.print_remark,
            "tags": body.tags,
            "custom": body.custom,
        }


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


class OneOrder(Endpoint):
    rights = {"get": "orders.view"}

    @operation("Read an order", query={"expand": "comma-separated: " + ", ".join(EXPANDS)})
    def get(self, request: Request, number: str) -> HttpResponse:
        check_parameters(request, {"expand"})
        order = find_order(self.actor, number)
        document = read_order(order.pk, self.actor)
        body = encoded({**document, **_expanded([order.pk], request)[order.pk]})
        return tagged(request, body, etag(document["version"], body))


class OrderEvents(Endpoint):
    rights = {"get": "orders.view"}

    @operation("Read an order's timeline", page=True)
    def get(self, request: Request, number: str) -> HttpResponse:
        order = find_order(self.actor, number)
        return page_of(
            request,
            events_of(order.pk),
            order=("id",),
            known=(),
            show=lambda rows: [
                {
                    "object": "order_event",
                    "id": public_id("oev", row.pk),
                    "kind": row.kind,
                    "data": row.data,
                    "by": row.by.name,
                    "at": stamp(row.at),
                }
                for row in rows
            ],
        )


class OrderDecisions(Endpoint):
    rights = {"get": "orders.view"}

    @operation("Read why an order is as it is")
    def get(self, request: Request, number: str) -> HttpResponse:
        order = find_order(self.actor, number)
        return answer_json(
            {
                "data": [
                    {
                        "object": "decision",
                        "kind": row.kind,
                        "engine": row.engine,
                        "inputs": row.inputs,
                        "candidates": row.candidates,
                        "outcome": row.outcome,
                        "reasons": row.reasons,
                        "counterfactual": row.counterfactual,
                        "at": stamp(row.at),
                    }
                    for row in decisions_of(order.pk)
                ]
            }
        )


class Customers(Endpoint):
    rights = {"get": "customers.view"}

    @operation("List the channel's customers", page=True, query={"email": "", "phone": ""})
    def get(self, request: Request) -> HttpResponse:
        customers = customers_visible_to(self.actor)
        for kind in ("email", "phone"):
            if request.query_params.get(kind):
                found = customer_ids_by_identity(request.query_params[kind])
                customers = customers.filter(pk__in=found)
        return page_of(
            request,
            customers.prefetch_related("identities"),
            order=("-id",),
            known=("email", "phone"),
            show=lambda rows: [_customer(row) for row in rows],
        )


def _customer(row: Customer) -> dict[str, object]:
    known = [(i.kind, i.value) for i in row.identities.all()]
    return {
        "object": "customer",
        "id": public_id("cus", row.pk),
        "name": row.name,
        "emails": [value for kind, value in known if kind == "email"],
        "phones": [value for kind, value in known if kind == "phone"],
        "is_blocked": row.is_blocked,
        "created_at": stamp(row.created_at),
    }


def read_order(pk: int, actor: Actor) -> OrderDocument:
    """The document of one order, as an actor may see it."""
    row = orders_visible_to(actor).values(*ORDER_COLUMNS).get(pk=pk)
    lines, holds = order_parts([row])
    return order_document(row, lines[pk], holds[pk], actor=actor, channel_code=row["channel__code"])


def _documents(rows: Sequence[Row], actor: Actor, request: Request) -> list[dict[str, object]]:
    lines, holds = order_parts(rows)
    more = _expanded([row["id"] for row in rows], request)
    return [
        {
            **order_document(
                row,
                lines[row["id"]],
                holds[row["id"]],
                actor=actor,
                channel_code=row["channel__code"],
            ),
            **more[row["id"]],
        }
        for row in rows
    ]


def _expanded(ids: list[int], request: Request) -> dict[int, dict[str, object]]:
    names = choices(request, "expand", EXPANDS)
    result: dict[int, dict[str, object]] = {pk: {} for pk in ids}
    for name in names:
        for pk, value in resolve(EXPANDS[name])(ids).items():
            result[pk][name] = value
    return result
