"""Returns over the API."""

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_json,
    answer_once,
    choices,
    decoded,
    page_of,
    raw_body,
)
from erp.api.schema import operation
from erp.errors import FieldError, Invalid, NotFound
from erp.ids import primary_key
from inventory.models import Warehouse
from orders.models import OrderLine
from orders.order.queries import find_order
from returns.rma.actions import (
    Verdict,
    Wish,
    approve_return,
    cancel_return,
    close_return,
    decline_return,
    inspect_return,
    receive_return,
    request_return,
)
from returns.rma.models import ReturnAuthorization
from returns.rma.queries import return_document, returns_visible_to
from returns.rma.states import ReturnAuthorizationStatus


class NewReturnLine(msgspec.Struct, forbid_unknown_fields=True):
    quantity: int
    line: str = ""
    sku: str = ""
    reason: str = "other"


class NewReturn(msgspec.Struct, forbid_unknown_fields=True):
    order: str
    lines: list[NewReturnLine]
    note: str = ""


class ReturnVerb(msgspec.Struct, forbid_unknown_fields=True):
    reason: str = ""


class ReceivedLine(msgspec.Struct, forbid_unknown_fields=True):
    line: str
    quantity: int


class ReceiveBody(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[ReceivedLine] | None = None
    warehouse: str = ""


class InspectedLine(msgspec.Struct, forbid_unknown_fields=True):
    line: str
    quantity: int
    disposition: str
    condition: str = ""


class InspectBody(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[InspectedLine]
    warehouse: str = ""


class Returns(Endpoint):
    rights = {"get": "returns.view", "post": "returns.request"}

    @operation("List returns", page=True, query={"order": "number", "status": ""})
    def get(self, request: Request) -> HttpResponse:
        rows = returns_visible_to(self.actor)
        if request.query_params.get("order"):
            rows = rows.filter(order__number=request.query_params["order"])
        if wanted := choices(request, "status", ReturnAuthorizationStatus.values):
            rows = rows.filter(status__in=wanted)
        return page_of(
            request,
            rows.select_related("order").prefetch_related("lines"),
            order=("-id",),
            known=("order", "status"),
            show=lambda found: [return_document(row) for row in found],
        )

    @operation("Request a return", body=NewReturn, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewReturn)
        order = find_order(self.actor, body.order)
        pks = _order_lines(order.pk, body.lines)
        return answer_once(
            request,
            raw,
            request_return,
            lambda row: _return(row.pk),
            http_status=201,
            order_id=order.pk,
            wishes=[
                Wish(pk, line.quantity, line.reason)
                for pk, line in zip(pks, body.lines, strict=True)
            ],
            note=body.note,
            by=self.actor,
            now=timezone.now(),
        )


class OneReturn(Endpoint):
    rights = {"get": "returns.view"}

    @operation("Read a return")
    def get(self, request: Request, number: str) -> HttpResponse:
        return answer_json(_return(_find_return(self, number).pk))


class _ReturnVerb(Endpoint):
    verb: Callable[..., ReturnAuthorization]

    def call(self, request: Request, number: str, raw: bytes, **arguments: object) -> HttpResponse:
        row = _find_return(self, number)
        return answer_once(
            request,
            raw,
            type(self).verb,
            lambda changed: _return(changed.pk),
            http_status=200,
            required=False,
            return_id=row.pk,
            by=self.actor,
            now=timezone.now(),
            **arguments,
        )


class ApproveReturn(_ReturnVerb):
    rights = {"post": "returns.approve"}
    verb = staticmethod(approve_return)

    @operation("Approve a return", body=ReturnVerb, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        decoded(raw, ReturnVerb)
        return self.call(request, number, raw)


class DeclineReturn(_ReturnVerb):
    rights = {"post": "returns.decline"}
    verb = staticmethod(decline_return)

    @operation("Decline a return", body=ReturnVerb, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        return self.call(request, number, raw, reason=decoded(raw, ReturnVerb).reason)


class CancelReturn(_ReturnVerb):
    rights = {"post": "returns.cancel"}
    verb = staticmethod(cancel_return)

    @operation("Cancel a return", body=ReturnVerb, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        decoded(raw, ReturnVerb)
        return self.call(request, number, raw)


class CloseReturn(_ReturnVerb):
    rights = {"post": "returns.close"}
    verb = staticmethod(close_return)

    @operation("Close a return", body=ReturnVerb, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        decoded(raw, ReturnVerb)
        return self.call(request, number, raw)


class ReceiveReturn(_ReturnVerb):
    rights = {"post": "returns.receive"}
    verb = staticmethod(receive_return)

    @operation("Receive returned goods", body=ReceiveBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, ReceiveBody)
        units = None
        if body.lines is not None:
            units = {
                _pk("rline", line.line, index): line.quantity
                for index, line in enumerate(body.lines)
            }
        return self.call(request, number, raw, units=units, warehouse_id=_warehouse(body.warehouse))


class InspectReturn(_ReturnVerb):
    rights = {"post": "returns.inspect"}
    verb = staticmethod(inspect_return)

    @operation("Inspect returned goods", body=InspectBody, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, InspectBody)
        verdicts = [
            Verdict(_pk("rline", line.line, i), line.quantity, line.disposition, line.condition)
            for i, line in enumerate(body.lines)
        ]
        return self.call(
            request, number, raw, verdicts=verdicts, warehouse_id=_warehouse(body.warehouse)
        )


def _find_return(endpoint: Endpoint, number: str) -> ReturnAuthorization:
    rows = returns_visible_to(endpoint.actor)
    pk = primary_key("ret", number)
    row = rows.filter(pk=pk).first() if pk else rows.filter(number=number).first()
    if row is None:
        raise NotFound
    return row


def _return(pk: int) -> dict[str, object]:
    rows = ReturnAuthorization.objects.select_related("order").prefetch_related("lines")
    return return_document(rows.get(pk=pk))


def _pk(prefix: str, public: str, index: int) -> int:
    pk = primary_key(prefix, public)
    if pk is None:
        raise Invalid(
            errors=[FieldError(f"/lines/{index}/line", "unknown-line", _("Not a line of it."))]
        )
    return pk


def _warehouse(code: str) -> int | None:
    if not code:
        return None
    pk = Warehouse.objects.filter(code=code).values_list("pk", flat=True).first()
    if pk is None:
        raise Invalid(
            errors=[FieldError("/warehouse", "unknown", _("There is no such warehouse."))]
        )
    return pk


class _NamesLine(Protocol):
    """A body's line that names an order line by its public id, or by its SKU."""

    @property
    def line(self) -> str: ...
    @property
    def sku(self) -> str: ...


def _order_lines(order_id: int, lines: Sequence[_NamesLine]) -> list[int]:
    """The order lines that body lines name by public id or by SKU."""
    by_sku: dict[str, int] = {}
    known = set()
    for row in OrderLine.objects.filter(order_id=order_id).order_by("-position"):
        by_sku[row.sku_code] = row.pk
        known.add(row.pk)
    found = []
    for index, line in enumerate(lines):
        pk = primary_key("line", line.line) if line.line else by_sku.get(line.sku)
        if pk not in known:
            raise Invalid(
                errors=[
                    FieldError(f"/lines/{index}", "unknown-line", _("Not a line of this order."))
                ]
            )
        found.append(pk)
    return found
