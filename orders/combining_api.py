"""Merging and splitting orders over HTTP."""

from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import decoded, raw_body
from erp.api.schema import operation
from erp.errors import FieldError, Invalid, NotFound
from orders import actions, queries
from orders.verbs_api import LineUnits, NoBody, OrderVerb, units_of


class MergeBody(msgspec.Struct, forbid_unknown_fields=True):
    """The numbers of the orders that become part of this one."""

    orders: list[str]
    reason: str = ""


class SplitBody(msgspec.Struct, forbid_unknown_fields=True):
    """What goes into a new order; `short_first`: units that wait for goods go first."""

    lines: list[LineUnits]
    reason: str
    short_first: bool = False


class SealBody(msgspec.Struct, forbid_unknown_fields=True):
    sealed: bool


class MergeOrders(OrderVerb):
    rights = {"post": "orders.edit"}
    body = MergeBody
    verb = staticmethod(actions.merge_orders)

    @operation("Let an order take in others", body=MergeBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: MergeBody) -> dict[str, Any]:
        ids, errors = [], []
        for n, number in enumerate(body.orders):
            try:
                ids.append(queries.find_order(self.actor, number).pk)
            except NotFound:
                errors.append(FieldError(f"/orders/{n}", "unknown", _("There is no such order.")))
        if errors:
            raise Invalid(errors=errors)
        return {"other_ids": ids, "reason": body.reason}


class UnmergeOrder(OrderVerb):
    rights = {"post": "orders.edit"}
    body = NoBody
    verb = staticmethod(actions.unmerge_order)

    @operation("Take an order out of the one it was merged into", body=NoBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: NoBody) -> dict[str, Any]:
        return {}


class SplitOrder(OrderVerb):
    """Answers the order that was split; the new one is named in its events."""

    rights = {"post": "orders.edit"}
    body = SplitBody
    verb = staticmethod(actions.split_order)

    @operation("Give units of an order to a new one", body=SplitBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        body: SplitBody = decoded(raw_body(request), SplitBody)
        self.units = units_of(queries.find_order(self.actor, number), body.lines)
        return self.call(request, number)

    def arguments(self, body: SplitBody) -> dict[str, Any]:
        return {"units": self.units, "short_first": body.short_first, "reason": body.reason}


class UnsplitOrder(OrderVerb):
    rights = {"post": "orders.edit"}
    body = NoBody
    verb = staticmethod(actions.unsplit_order)

    @operation("Join an order with the one it was split off", body=NoBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: NoBody) -> dict[str, Any]:
        return {}


class SealOrder(OrderVerb):
    rights = {"post": "orders.edit"}
    body = SealBody
    verb = staticmethod(actions.seal_order)

    @operation("Seal an order: it is neither merged nor split", body=SealBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: SealBody) -> dict[str, Any]:
        return {"is_sealed": body.sealed}
