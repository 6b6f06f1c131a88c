"""Serves placing, quoting and listing orders over the API."""

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
    decoded,
    hash_of,
    moment,
    once_key,
    page_of,
    raw_body,
)
from erp.api.problems import refusal
from erp.api.schema import operation
from erp.api.values import money, stamp
from erp.errors import Invalid, Malformed
from erp.once import Answer, perform, perform_once
from erp.visible import identifier
from orders.order import search
from orders.order.api import _documents
from orders.order.document import encoded, order_columns, order_document
from orders.order.filters import OrderFilter
from orders.order.identities import orders_of_contact
from orders.order.own_contacts import customers_told
from orders.order.queries import find_order, orders_visible_to, read_order, shown_holds
from orders.placement.actions.place import place_order, place_orders, quote_order
from orders.placement.incoming import Basket, IncomingOrder
from orders.placement.rows.batch import Placed

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
            _filtered(request, self.actor).values(*order_columns()),
            order=SORTS[sort],
            known=FILTERS,
            show=lambda rows: _documents(rows, self.actor, request),
            find=partial(search.found, newest_first=sort == "-placed_at"),
        )

    @operation("Place an order", body=IncomingOrder, status=201, idempotency=True)
    def post(self, request: Request) -> HttpResponse:
        incoming = body_of(request, IncomingOrder)
        key = once_key(request, content_hash=incoming.content_hash, required=True)
        assert key is not None
        actor = self.actor
        assert actor.channel is not None
        given = perform_once(
            place_order,
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
            except (Malformed, Invalid) as error:  # this one alone; the others are placed
                rows.append(_failed(error))
        given = perform_once(
            place_orders,
            once=key,
            answer=lambda placed: _bulk_answer(rows, placed, actor),
            incoming=incoming,
            channel=actor.channel,
            by=actor,
            now=timezone.now(),
        )
        return answer_of(given)


class Quotes(Endpoint):
    rights = {"post": "orders.view"}

    @operation("Quote a basket without storing it", body=Basket, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        basket = body_of(request, Basket)
        actor = self.actor
        assert actor.channel is not None
        order, priced, route, promised = perform(
            quote_order,
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
        order = find_order(actor, placed.number)
        return Answer(200, encoded(read_order(order.pk, actor)))
    pk = placed.row["id"]
    holds = shown_holds({pk: placed.holds}, actor)[pk]
    document = order_document(
        placed.row, placed.lines, holds, actor=actor, channel_code=actor.channel.code
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


def _filtered(request: Request, actor: Actor) -> Any:
    asked = request.query_params
    shared = {name: asked[name] for name in OrderFilter.base_filters if asked.get(name)}
    orders = OrderFilter(shared, queryset=orders_visible_to(actor)).narrowed()
    if asked.get("external_id"):
        orders = orders.filter(external_id=identifier(asked["external_id"]))
    if asked.get("customer_email"):
        told = customers_told(actor, asked["customer_email"])
        orders = orders_of_contact(orders.filter(customer_id__in=told), asked["customer_email"])
    for name, field in (
        ("placed_at[gte]", "placed_at__gte"),
        ("placed_at[lt]", "placed_at__lt"),
        ("updated_at[gte]", "updated_at__gte"),
    ):
        if (value := moment(request, name)) is not None:
            orders = orders.filter(**{field: value})
    return orders
