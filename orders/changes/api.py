"""Change sets, merging and splitting over the API."""

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    decoded,
    raw_body,
)
from erp.api.schema import operation
from erp.api.values import money
from erp.errors import FieldError, Invalid, NotFound
from orders.changes.actions.change import change_order, undo_change
from orders.changes.actions.effect import Wanted, effect_of
from orders.changes.actions.merge import merge_orders, seal_order, unmerge_order
from orders.changes.actions.split import split_order
from orders.changes.actions.unsplit import unsplit_order
from orders.customers.contacts import Amount
from orders.order.api import LineUnits, NoBody, OrderVerb, units_of
from orders.order.models.order import Order
from orders.order.queries import find_order


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


class ChangeOrder(OrderVerb[ChangeBody]):
    rights = {"post": "orders.edit"}
    body = ChangeBody
    verb = staticmethod(change_order)

    @operation("Change units, lines or shipping of an order", body=ChangeBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        order = find_order(self.actor, number)
        body: ChangeBody = decoded(raw_body(request), ChangeBody)
        self.wanted = wanted_of(order, body)
        return self.call(request, number)

    def arguments(self, body: ChangeBody) -> dict[str, object]:
        return {
            "wanted": self.wanted,
            "reason": body.reason,
            "total": body.total.decimal() if body.total else None,
        }


class UndoChange(OrderVerb[NoBody]):
    rights = {"post": "orders.edit"}
    body = NoBody
    verb = staticmethod(undo_change)

    @operation("Undo the newest change of an order", body=NoBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: NoBody) -> dict[str, object]:
        return {}


class PreviewChange(Endpoint):
    rights = {"post": "orders.edit"}

    @operation("Say what a change of an order would come to", body=ChangeBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        order = find_order(self.actor, number)
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


class MergeOrders(OrderVerb[MergeBody]):
    rights = {"post": "orders.edit"}
    body = MergeBody
    verb = staticmethod(merge_orders)

    @operation("Let an order take in others", body=MergeBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: MergeBody) -> dict[str, object]:
        ids, errors = [], []
        for n, number in enumerate(body.orders):
            try:
                ids.append(find_order(self.actor, number).pk)
            except NotFound:
                errors.append(FieldError(f"/orders/{n}", "unknown", _("There is no such order.")))
        if errors:
            raise Invalid(errors=errors)
        return {"other_ids": ids, "reason": body.reason}


class UnmergeOrder(OrderVerb[NoBody]):
    rights = {"post": "orders.edit"}
    body = NoBody
    verb = staticmethod(unmerge_order)

    @operation("Take an order out of the one it was merged into", body=NoBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: NoBody) -> dict[str, object]:
        return {}


class SplitOrder(OrderVerb[SplitBody]):
    """Answers the order that was split; the new one is named in its events."""

    rights = {"post": "orders.edit"}
    body = SplitBody
    verb = staticmethod(split_order)

    @operation("Give units of an order to a new one", body=SplitBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        body: SplitBody = decoded(raw_body(request), SplitBody)
        self.units = units_of(find_order(self.actor, number), body.lines)
        return self.call(request, number)

    def arguments(self, body: SplitBody) -> dict[str, object]:
        return {"units": self.units, "short_first": body.short_first, "reason": body.reason}


class UnsplitOrder(OrderVerb[NoBody]):
    rights = {"post": "orders.edit"}
    body = NoBody
    verb = staticmethod(unsplit_order)

    @operation("Join an order with the one it was split off", body=NoBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: NoBody) -> dict[str, object]:
        return {}


class SealOrder(OrderVerb[SealBody]):
    rights = {"post": "orders.edit"}
    body = SealBody
    verb = staticmethod(seal_order)

    @operation("Seal an order: it is neither merged nor split", body=SealBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.call(request, number)

    def arguments(self, body: SealBody) -> dict[str, object]:
        return {"is_sealed": body.sealed}
