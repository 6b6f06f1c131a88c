"""Serves purchase orders over the API."""

from datetime import date

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
from inventory.catalogue.naming import skus_by_code
from inventory.purchasing.actions.purchase import Wanted, draft_purchase
from inventory.purchasing.document import purchase_document
from inventory.purchasing.models import PurchaseOrder
from inventory.purchasing.naming import supplier_named
from inventory.purchasing.states import PurchaseStatus
from inventory.purchasing.verbs import find_purchase
from inventory.stock.naming import cost_of, warehouse_named


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


class OnePurchase(Endpoint):
    rights = {"get": "purchasing.view"}

    @operation("Read a purchase order")
    def get(self, request: Request, number: str) -> HttpResponse:
        return answer_json(purchase_document(find_purchase(self.actor, number)))
