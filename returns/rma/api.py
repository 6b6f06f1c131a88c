"""Serves returns over the API."""

from collections.abc import Sequence
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
from erp.errors import FieldError, Invalid
from erp.ids import primary_key
from orders.models import OrderLine
from orders.order.queries import find_order
from returns.rma.actions import Wish, request_return
from returns.rma.queries import find_return, read_return, return_document, returns_visible_to
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
        pks = order_lines_of(order.pk, body.lines)
        return answer_once(
            request,
            raw,
            request_return,
            lambda row: read_return(row.pk),
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
        return answer_json(read_return(find_return(self.actor, number).pk))


class _NamesLine(Protocol):
    """A body's line that names an order line by its public id, or by its SKU."""

    @property
    def line(self) -> str: ...
    @property
    def sku(self) -> str: ...


def order_lines_of(order_id: int, lines: Sequence[_NamesLine]) -> list[int]:
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
