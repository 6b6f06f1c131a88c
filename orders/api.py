"""Orders over HTTP: place, quote, read, and the verbs that move them."""

from functools import partial
from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.access.models import Actor
from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_of,
    body_of,
    check_parameters,
    choices,
    decoded,
    hash_of,
    moment,
    once_key,
    page_of,
    raw_body,
    tagged,
)
from erp.api.problems import refusal
from erp.api.schema import operation
from erp.errors import Invalid, Malformed
from erp.ids import public_id
from erp.once import Answer, perform, perform_once
from erp.wiring import EXPANDS, resolve
from orders import actions, queries
from orders.composing import Placed
from orders.documents import encoded, etag, money, order_document, stamp
from orders.filters import OrderFilter
from orders.intake.incoming import Basket, IncomingOrder
from orders.models import Customer

FILTERS = (
    "status",
    "payment_status",
    "fulfillment_status",
    "return_status",
    "channel",
    "customer_email",
    "sku",
    "type",
    "flag",
    "tag",
    "custom",
    "placed_at[gte]",
    "placed_at[lt]",
    "updated_at[gte]",
    "external_id",
    "q",
    "sort",
    "expand",
)
SORTS = {
    "-placed_at": ("-placed_at", "-id"),
    "placed_at": ("placed_at", "id"),
    "-updated_at": ("-updated_at", "-id"),
    "updated_at": ("updated_at", "id"),
}


class BulkBody(msgspec.Struct, forbid_unknown_fields=True):
    orders: list[msgspec.Raw]


class Orders(Endpoint):
    rights = {"get": "orders.view", "post": "orders.place"}

    @operation("List orders", page=True, query=dict.fromkeys(FILTERS, ""))
    def get(self, request: Request) -> HttpResponse:
        sort = request.query_params.get("sort", "-placed_at")
        if sort not in SORTS:
            raise Malformed(_("sort is one of: %(names)s.") % {"names": ", ".join(SORTS)})
        return page_of(
            request,
            _filtered(request, self.actor).values(*queries.ORDER_COLUMNS),
            order=SORTS[sort],
            known=FILTERS,
            show=lambda rows: _documents(rows, self.actor, request),
            find=partial(queries.found, newest_first=sort == "-placed_at"),
        )

    @operation("Place an order", body=IncomingOrder, status=201, idempotency=True)
    def post(self, request: Request) -> HttpResponse:
        incoming = body_of(request, IncomingOrder)
        key = once_key(request, content_hash=incoming.content_hash(), required=True)
        assert key is not None
        actor = self.actor
        assert actor.channel is not None
        given = perform_once(
            actions.place_order,
            once=key,
            answer=lambda placed: _placed_answer(placed, actor),
            incoming=incoming,
            channel=actor.channel,
            by=actor,
            now=timezone.now(),
        )
        return answer_of(given)


class OrdersInBulk(Endpoint):
    rights = {"post": "orders.place"}

    @operation("Place up to 1,000 orders", body=BulkBody, idempotency=True)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, BulkBody)
        if not 1 <= len(body.orders) <= 1000:
            raise Invalid(_("Send between 1 and 1,000 orders."))
        key = once_key(request, content_hash=hash_of(raw), required=True)
        assert key is not None
        actor = self.actor
        assert actor.channel is not None
        rows: list[dict[str, Any] | None] = []
        incoming = []
        for part in body.orders:
            try:
                incoming.append(decoded(bytes(part), IncomingOrder))
                rows.append(None)
            except Malformed as error:
                rows.append(_failed(error))
        given = perform_once(
            actions.place_orders,
            once=key,
            answer=lambda placed: _bulk_answer(rows, placed, actor),
            incoming=incoming,
            channel=actor.channel,
            by=actor,
            now=timezone.now(),
        )
        return answer_of(given)


class OneOrder(Endpoint):
    rights = {"get": "orders.view"}

    @operation("Read an order", query={"expand": "comma-separated: " + ", ".join(EXPANDS)})
    def get(self, request: Request, number: str) -> HttpResponse:
        check_parameters(request, {"expand"})
        order = queries.find_order(self.actor, number)
        document = read_order(order.pk, self.actor)
        document |= _expanded([order.pk], request).get(order.pk, {})
        body = encoded(document)
        return tagged(request, body, etag(document["version"], body))


class OrderEvents(Endpoint):
    rights = {"get": "orders.view"}

    @operation("Read an order's timeline", page=True)
    def get(self, request: Request, number: str) -> HttpResponse:
        order = queries.find_order(self.actor, number)
        return page_of(
            request,
            queries.events_of(order.pk),
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
        order = queries.find_order(self.actor, number)
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
                    for row in queries.decisions_of(order.pk)
                ]
            }
        )


class Customers(Endpoint):
    rights = {"get": "customers.view"}

    @operation("List the channel's customers", page=True, query={"email": "", "phone": ""})
    def get(self, request: Request) -> HttpResponse:
        customers = queries.customers_visible_to(self.actor)
        for kind in ("email", "phone"):
            if request.query_params.get(kind):
                found = queries.customer_ids_by_identity(request.query_params[kind])
                customers = customers.filter(pk__in=found)
        return page_of(
            request,
            customers.prefetch_related("identities"),
            order=("-id",),
            known=("email", "phone"),
            show=lambda rows: [_customer(row) for row in rows],
        )


def _customer(row: Customer) -> dict[str, Any]:
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


class Quotes(Endpoint):
    rights = {"post": "orders.view"}

    @operation("Price a basket, storing nothing", body=Basket, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        basket = body_of(request, Basket)
        actor = self.actor
        assert actor.channel is not None
        order, priced, route, promised = perform(
            actions.quote_order,
            incoming=basket.as_order(),
            channel=actor.channel,
            by=actor,
            now=timezone.now(),
        )
        currency = basket.currency
        return answer_json(
            {
                "object": "quote",
                "currency": currency,
                "lines": [
                    {
                        "sku": line.sku,
                        "quantity": line.quantity,
                        "unit_price": money(price.unit_price, currency),
                        "discount": money(price.discount, currency),
                        "total": money(price.total, currency),
                        "is_gift": index >= len(basket.lines),
                        "quantity_available": line.quantity - route.backordered.get(index, 0),
                    }
                    for index, (line, price) in enumerate(
                        zip(order.lines, priced.lines, strict=True)
                    )
                ],
                "totals": {
                    name: money(getattr(priced, name), currency)
                    for name in ("subtotal", "discount", "shipping", "tax", "total")
                },
                "available": not route.short,
                "short": [{"sku": sku, "missing": n} for sku, n in route.short.items()],
                "promise": {
                    "ship_by": stamp(promised.ship_by),
                    "deliver_from": str(promised.deliver_from),
                    "deliver_by": str(promised.deliver_by),
                },
            }
        )


def _placed_answer(placed: Placed, actor: Actor) -> Answer:
    assert actor.channel is not None
    if placed.existed:
        order = queries.find_order(actor, placed.number)
        return Answer(200, encoded(read_order(order.pk, actor)))
    document = order_document(
        placed.row, placed.lines, placed.holds, actor=actor, channel_code=actor.channel.code
    )
    return Answer(201, encoded(document))


def _bulk_answer(rows: list[dict[str, Any] | None], placed: list[Placed], actor: Actor) -> Answer:
    outcomes = iter(placed)
    data = []
    for index, row in enumerate(rows):
        if row is None:
            outcome = next(outcomes)
            if outcome.refusal:
                row = _failed(outcome.refusal)
            else:
                answered = _placed_answer(outcome, actor)
                row = {"status": answered.status, "order": msgspec.Raw(answered.body)}
        data.append({"index": index, **row})
    return Answer(200, encoded({"data": data}))


def _failed(error: Any) -> dict[str, Any]:
    return {"status": error.status, "problem": msgspec.Raw(refusal(error).content)}


def read_order(pk: int, actor: Actor) -> dict[str, Any]:
    """The document of one order, as an actor may see it."""
    row = queries.orders_visible_to(actor).values(*queries.ORDER_COLUMNS).get(pk=pk)
    lines, holds = queries.order_parts([row])
    return order_document(row, lines[pk], holds[pk], actor=actor, channel_code=row["channel__code"])


def _documents(rows: list[dict[str, Any]], actor: Actor, request: Request) -> list[dict]:
    lines, holds = queries.order_parts(rows)
    more = _expanded([row["id"] for row in rows], request)
    return [
        order_document(
            row,
            lines[row["id"]],
            holds[row["id"]],
            actor=actor,
            channel_code=row["channel__code"],
        )
        | more.get(row["id"], {})
        for row in rows
    ]


def _expanded(ids: list[int], request: Request) -> dict[int, dict[str, Any]]:
    names = choices(request, "expand", EXPANDS)
    result: dict[int, dict[str, Any]] = {pk: {} for pk in ids}
    for name in names:
        for pk, value in resolve(EXPANDS[name])(ids).items():
            result[pk][name] = value
    return result


def _filtered(request: Request, actor: Actor) -> Any:
    asked = request.query_params
    shared = {name: asked[name] for name in OrderFilter.base_filters if asked.get(name)}
    orders = OrderFilter(shared, queryset=queries.orders_visible_to(actor)).narrowed()
    if asked.get("external_id"):
        orders = orders.filter(external_id=asked["external_id"])
    if asked.get("customer_email"):
        orders = orders.filter(
            customer_id__in=queries.customer_ids_by_identity(asked["customer_email"])
        )
    for name, field in (
        ("placed_at[gte]", "placed_at__gte"),
        ("placed_at[lt]", "placed_at__lt"),
        ("updated_at[gte]", "updated_at__gte"),
    ):
        if (value := moment(request, name)) is not None:
            orders = orders.filter(**{field: value})
    return orders
