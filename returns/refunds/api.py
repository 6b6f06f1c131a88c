"""Serves refunds over the API."""

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
from orders.customers.contacts import Amount
from orders.order.queries import find_order
from returns.refunds.actions import propose_refund
from returns.refunds.queries import find_refund, read_refund, refund_document, refunds_visible_to
from returns.refunds.states import RefundStatus
from returns.rma.api import order_lines_of
from returns.rma.queries import find_return


class RefundUnits(msgspec.Struct, forbid_unknown_fields=True):
    quantity: int
    line: str = ""
    sku: str = ""


class NewRefund(msgspec.Struct, forbid_unknown_fields=True):
    """For an order's lines, for what a return brought back, or an amount by itself."""

    order: str = ""
    return_: str = msgspec.field(default="", name="return")
    lines: list[RefundUnits] | None = None
    amount: Amount | None = None
    reason: str = "return"
    note: str = ""


class Refunds(Endpoint):
    rights = {"get": "refunds.view", "post": "refunds.propose"}

    @operation("List refunds", page=True, query={"order": "number", "status": ""})
    def get(self, request: Request) -> HttpResponse:
        rows = refunds_visible_to(self.actor)
        if request.query_params.get("order"):
            rows = rows.filter(order__number=request.query_params["order"])
        if wanted := choices(request, "status", RefundStatus.values):
            rows = rows.filter(status__in=wanted)
        return page_of(
            request,
            rows.select_related("order", "authorization").prefetch_related("lines"),
            order=("-id",),
            known=("order", "status"),
            show=lambda found: [refund_document(row) for row in found],
        )

    @operation("Propose a refund", body=NewRefund, status=201, idempotency=True)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewRefund)
        authorization = find_return(self.actor, body.return_) if body.return_ else None
        if authorization is not None and authorization.order_id:
            order_id = authorization.order_id
        else:
            order_id = find_order(self.actor, body.order).pk
        units = None
        if body.lines is not None:
            pks = order_lines_of(order_id, body.lines)
            units = {pk: line.quantity for pk, line in zip(pks, body.lines, strict=True)}
        amount = None
        if body.amount is not None:
            amount = body.amount.decimal()
            if amount is None:
                raise Invalid(
                    errors=[FieldError("/amount/amount", "malformed", _("A decimal number."))]
                )
        return answer_once(
            request,
            raw,
            propose_refund,
            lambda row: read_refund(row.pk),
            http_status=201,
            required=True,
            order_id=order_id,
            return_id=authorization.pk if authorization else None,
            units=units,
            amount=amount,
            reason=body.reason,
            note=body.note,
            by=self.actor,
            now=timezone.now(),
        )


class OneRefund(Endpoint):
    rights = {"get": "refunds.view"}

    @operation("Read a refund")
    def get(self, request: Request, number: str) -> HttpResponse:
        return answer_json(read_refund(find_refund(self.actor, number).pk))
