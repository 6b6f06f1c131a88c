"""Serves one order over the API: reading, holds, cancelling, marks; and customers."""

from collections.abc import Sequence

from django.http import HttpResponse
from rest_framework.request import Request

from erp.access.models import Actor
from erp.api.endpoint import (
    Endpoint,
    answer_json,
    check_parameters,
    choices,
    page_of,
    tagged,
)
from erp.api.schema import operation
from erp.wiring import EXPANDS, resolve
from orders.order.document import Row, encoded, etag, order_document
from orders.order.own_contacts import customers_told
from orders.order.queries import (
    customer_documents,
    customers_visible_to,
    events_of,
    find_customer,
    find_order,
    order_parts,
    read_customer,
    read_order,
    shown_decisions,
    shown_events,
    shown_holds,
)


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
            show=lambda rows: shown_events(rows, self.actor),
        )


class OrderDecisions(Endpoint):
    rights = {"get": "orders.view"}

    @operation("Explain the automatic decisions on an order")
    def get(self, request: Request, number: str) -> HttpResponse:
        order = find_order(self.actor, number)
        return answer_json({"data": shown_decisions(order.pk, self.actor)})


class Customers(Endpoint):
    rights = {"get": "customers.view"}

    @operation("List the channel's customers", page=True, query={"email": "", "phone": ""})
    def get(self, request: Request) -> HttpResponse:
        customers = customers_visible_to(self.actor)
        for kind in ("email", "phone"):
            if request.query_params.get(kind):
                found = customers_told(self.actor, request.query_params[kind])
                customers = customers.filter(pk__in=found)
        return page_of(
            request,
            customers.prefetch_related("identities"),
            order=("-id",),
            known=("email", "phone"),
            show=lambda rows: customer_documents(rows, self.actor),
        )


class OneCustomer(Endpoint):
    rights = {"get": "customers.view"}

    @operation("Read a customer")
    def get(self, request: Request, customer: str) -> HttpResponse:
        return answer_json(read_customer(find_customer(self.actor, customer).pk, self.actor))


def _documents(rows: Sequence[Row], actor: Actor, request: Request) -> list[dict[str, object]]:
    lines, found = order_parts(rows)
    holds = shown_holds(found, actor)
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
