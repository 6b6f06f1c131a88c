"""Buying over HTTP: suppliers and their terms, purchase orders, suggestions."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

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
from inventory.catalogue.naming import skus_by_code
from inventory.purchasing.actions.land_cost import land_cost
from inventory.purchasing.actions.purchase import (
    Wanted,
    acknowledge_purchase,
    approve_purchase,
    cancel_purchase,
    close_purchase,
    draft_purchase,
    reschedule_purchase,
    send_purchase,
)
from inventory.purchasing.actions.receive import Arrived, receive_purchase
from inventory.purchasing.document import purchase_document
from inventory.purchasing.models import PurchaseOrder
from inventory.purchasing.naming import supplier_named
from inventory.purchasing.states import PurchaseStatus
from inventory.purchasing.supplier_api import _decimal
from inventory.stock.document_api import Nothing
from inventory.stock.naming import cost_of, places_named, warehouse_named


class PurchaseLineBody(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: int
    unit_price: str | None = None


class NewPurchase(msgspec.Struct, forbid_unknown_fields=True):
    supplier: str
    warehouse: str
    lines: list[PurchaseLineBody]
    note: str = ""
    expected_on: date | None = None
    order: str = ""


class Sending(msgspec.Struct, forbid_unknown_fields=True):
    exchange_rate: str | None = None


class Acknowledgement(msgspec.Struct, forbid_unknown_fields=True):
    reference: str = ""
    expected_on: date | None = None


class NewDate(msgspec.Struct, forbid_unknown_fields=True):
    """Another day for all lines, or for those of some SKUs."""

    expected_on: date
    skus: list[str] = []


class ArrivedLine(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    good: int = 0
    damaged: int = 0
    quarantine: int = 0
    bin: str = ""
    lot: str = ""
    expires_on: date | None = None
    serials: list[str] = []


class Arrival(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[ArrivedLine]
    reference: str = ""
    accept_over: bool = False


class LandedCost(msgspec.Struct, forbid_unknown_fields=True):
    amount: str
    basis: str = "value"


class Purchases(Endpoint):
    rights = {"get": "purchasing.view", "post": "purchasing.edit"}

    @operation(
        "List purchase orders, newest first", page=True, query={"status": "", "supplier": ""}
    )
    def get(self, request: Request) -> HttpResponse:
        rows = PurchaseOrder.objects.select_related("supplier", "warehouse")
        if statuses := choices(request, "status", PurchaseStatus.values):
            rows = rows.filter(status__in=statuses)
        if code := request.query_params.get("supplier", ""):
            rows = rows.filter(supplier__code=code)
        return page_of(
            request,
            rows,
            order=("-id",),
            known=("status", "supplier"),
            show=lambda found: [purchase_document(row) for row in found],
        )

    @operation("Draft a purchase order", body=NewPurchase, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewPurchase)
        skus = skus_by_code(line.sku for line in body.lines)
        errors, wanted = [], []
        for n, line in enumerate(body.lines):
            price, problem = cost_of(line.unit_price)
            if line.sku not in skus:
                detail = _("There is no such SKU.")
                errors.append(FieldError(f"/lines/{n}/sku", "unknown-sku", detail))
            elif problem:
                errors.append(FieldError(f"/lines/{n}/unit_price", "malformed", problem))
            else:
                wanted.append(Wanted(skus[line.sku].pk, line.quantity, price))
        if errors:
            raise Invalid(errors=errors)
        return answer_once(
            request,
            raw,
            draft_purchase,
            purchase_document,
            http_status=201,
            supplier_id=supplier_named(body.supplier).pk,
            warehouse_id=warehouse_named(body.warehouse).pk,
            wanted=wanted,
            note=body.note,
            expected_on=body.expected_on,
            order_number=body.order,
            by=self.actor,
            now=timezone.now(),
        )


def _purchase(number: str) -> PurchaseOrder:
    found = PurchaseOrder.objects.filter(number=number).first()
    if found is None:
        raise NotFound
    return found


class OnePurchase(Endpoint):
    rights = {"get": "purchasing.view"}

    @operation("Read a purchase order")
    def get(self, request: Request, number: str) -> HttpResponse:
        return answer_json(purchase_document(_purchase(number)))


B = TypeVar("B", bound=msgspec.Struct)


class _PurchaseVerb(Endpoint, Generic[B]):
    """A verb of a purchase order; `arguments` makes the action's own of the body."""

    performed: Callable[..., object]
    body: type[B]

    def arguments(self, body: B, purchase: PurchaseOrder) -> dict[str, object]:
        return {}

    def take(self, request: Request, number: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, type(self).body)
        purchase = _purchase(number)
        return answer_once(
            request,
            raw,
            type(self).performed,
            lambda _done: purchase_document(_purchase(number)),
            http_status=200,
            required=False,
            purchase_id=purchase.pk,
            by=self.actor,
            now=timezone.now(),
            **self.arguments(body, purchase),
        )


class ApprovePurchase(_PurchaseVerb[Nothing]):
    rights = {"post": "purchasing.approve"}
    performed = staticmethod(approve_purchase)
    body = Nothing

    @operation("Approve a purchase order", body=Nothing, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class SendPurchase(_PurchaseVerb[Sending]):
    rights = {"post": "purchasing.send"}
    performed = staticmethod(send_purchase)
    body = Sending

    def arguments(self, body: Sending, purchase: PurchaseOrder) -> dict[str, object]:
        return {"exchange_rate": _decimal(body.exchange_rate, "/exchange_rate")}

    @operation("Send a purchase order to its supplier", body=Sending, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class AcknowledgePurchase(_PurchaseVerb[Acknowledgement]):
    rights = {"post": "purchasing.acknowledge"}
    performed = staticmethod(acknowledge_purchase)
    body = Acknowledgement

    def arguments(self, body: Acknowledgement, purchase: PurchaseOrder) -> dict[str, object]:
        return {"reference": body.reference, "expected_on": body.expected_on}

    @operation("Note the supplier's confirmation", body=Acknowledgement, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class ReschedulePurchase(_PurchaseVerb[NewDate]):
    rights = {"post": "purchasing.reschedule"}
    performed = staticmethod(reschedule_purchase)
    body = NewDate

    def arguments(self, body: NewDate, purchase: PurchaseOrder) -> dict[str, object]:
        lines = dict(purchase.lines.values_list("sku__code", "pk"))
        if unknown := [code for code in body.skus if code not in lines]:
            detail = _("Not on this purchase order.")
            at = body.skus.index(unknown[0])
            raise Invalid(errors=[FieldError(f"/skus/{at}", "unknown-sku", detail)])
        ids = [lines[code] for code in body.skus] or None
        return {"expected_on": body.expected_on, "line_ids": ids}

    @operation("Note another expected date", body=NewDate, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class ReceivePurchase(_PurchaseVerb[Arrival]):
    rights = {"post": "inventory.receive"}
    performed = staticmethod(receive_purchase)
    body = Arrival

    def arguments(self, body: Arrival, purchase: PurchaseOrder) -> dict[str, object]:
        lines = dict(purchase.lines.values_list("sku__code", "pk"))
        places = places_named(purchase.warehouse, (row.bin for row in body.lines))
        errors = [
            FieldError(f"/lines/{n}/{field}", "unknown", detail)
            for n, row in enumerate(body.lines)
            for bad, field, detail in (
                (row.sku not in lines, "sku", _("Not on this purchase order.")),
                (row.bin and row.bin not in places, "bin", _("There is no such bin.")),
            )
            if bad
        ]
        if errors:
            raise Invalid(errors=errors)
        arrived = [
            Arrived(
                lines[row.sku],
                row.good,
                row.damaged,
                row.quarantine,
                places.get(row.bin),
                row.lot,
                row.expires_on,
                tuple(row.serials),
            )
            for row in body.lines
        ]
        return {
            "arrived": arrived,
            "reference": body.reference,
            "accept_over": body.accept_over,
        }

    @operation("Receive against a purchase order", body=Arrival, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class ClosePurchase(_PurchaseVerb[Nothing]):
    rights = {"post": "purchasing.close"}
    performed = staticmethod(close_purchase)
    body = Nothing

    @operation("Close a purchase order short", body=Nothing, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class CancelPurchase(_PurchaseVerb[Nothing]):
    rights = {"post": "purchasing.cancel"}
    performed = staticmethod(cancel_purchase)
    body = Nothing

    @operation("Call a purchase order off", body=Nothing, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)


class LandPurchase(_PurchaseVerb[LandedCost]):
    rights = {"post": "costs.edit"}
    performed = staticmethod(land_cost)
    body = LandedCost

    def arguments(self, body: LandedCost, purchase: PurchaseOrder) -> dict[str, object]:
        value = _decimal(body.amount, "/amount")
        return {"amount": value or Decimal(0), "basis": body.basis}

    @operation("Spread a landed cost over what arrived", body=LandedCost, idempotency=False)
    def post(self, request: Request, number: str) -> HttpResponse:
        return self.take(request, number)
