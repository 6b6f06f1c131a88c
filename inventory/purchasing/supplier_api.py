"""Serves suppliers, their terms and returns to vendors over the API."""

from datetime import date

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from erp.api.endpoint import (
    Endpoint,
    answer_once,
    decoded,
    page_of,
    raw_body,
)
from erp.api.schema import operation
from erp.errors import NotFound
from inventory.catalogue.naming import StockLine
from inventory.purchasing.actions.suppliers import save_supplier, save_term
from inventory.purchasing.document import supplier_document, term_document
from inventory.purchasing.models import Supplier, SupplierTerm
from inventory.purchasing.naming import supplier_named
from inventory.purchasing.verbs import decimal_named
from inventory.stock.actions.adjust import return_to_vendor
from inventory.stock.document import stock_document
from inventory.stock.level_api import sku_named
from inventory.stock.naming import changes_named, warehouse_named


class NewSupplier(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    name: str
    email: str = ""
    phone: str = ""
    address: str = ""
    country: str = "CN"
    language: str = "zh-hans"
    currency: str = "CNY"
    lead_time_days: int = 14
    review_days: int = 7
    min_order_value: str = "0"
    payment_terms: str = ""
    orders_itself: bool = False


class NewTerm(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    unit_price: str
    supplier_sku: str = ""
    min_quantity: int = 1
    pack_size: int = 1
    moq: int = 1
    lead_time_days: int | None = None
    preference: int = 1
    valid_from: date | None = None
    valid_until: date | None = None


class Suppliers(Endpoint):
    rights = {"get": "purchasing.view", "post": "purchasing.edit"}

    @operation("List suppliers", page=True)
    def get(self, request: Request) -> HttpResponse:
        return page_of(
            request,
            Supplier.objects.all(),
            order=("id",),
            known=(),
            show=lambda rows: [supplier_document(row) for row in rows],
        )

    @operation("Add or change a supplier", body=NewSupplier, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewSupplier)
        fields = msgspec.structs.asdict(body)
        fields["min_order_value"] = decimal_named(body.min_order_value, "/min_order_value")
        known = Supplier.objects.filter(code=body.code).values_list("pk", flat=True).first()
        return answer_once(
            request,
            raw,
            save_supplier,
            supplier_document,
            http_status=201,
            supplier_id=known,
            by=self.actor,
            now=timezone.now(),
            **fields,
        )


class Terms(Endpoint):
    rights = {"get": "purchasing.view", "post": "purchasing.edit"}

    @operation("List a supplier's terms", page=True)
    def get(self, request: Request, code: str) -> HttpResponse:
        rows = SupplierTerm.objects.filter(supplier__code=code).select_related("supplier", "sku")
        return page_of(
            request,
            rows,
            order=("id",),
            known=(),
            show=lambda found: [term_document(row) for row in found],
        )

    @operation("Set a supplier's terms for a SKU", body=NewTerm, status=201, idempotency=False)
    def post(self, request: Request, code: str) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewTerm)
        fields = msgspec.structs.asdict(body)
        del fields["sku"]
        fields["unit_price"] = decimal_named(body.unit_price, "/unit_price")
        supplier = Supplier.objects.filter(code=code).first()
        if supplier is None:
            raise NotFound
        return answer_once(
            request,
            raw,
            save_term,
            term_document,
            http_status=201,
            supplier_id=supplier.pk,
            sku_id=sku_named(body.sku),
            by=self.actor,
            now=timezone.now(),
            **fields,
        )


class NewVendorReturn(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    supplier: str
    lines: list[StockLine]
    reason: str


class VendorReturns(Endpoint):
    rights = {"post": "inventory.receive"}

    @operation("Return stock to a supplier", body=NewVendorReturn, status=201, idempotency=False)
    def post(self, request: Request) -> HttpResponse:
        raw = raw_body(request)
        body = decoded(raw, NewVendorReturn)
        warehouse = warehouse_named(body.warehouse)
        return answer_once(
            request,
            raw,
            return_to_vendor,
            stock_document,
            http_status=201,
            warehouse_id=warehouse.pk,
            supplier_id=supplier_named(body.supplier).pk,
            changes=changes_named(warehouse, body.lines),
            reason=body.reason,
            by=self.actor,
            now=timezone.now(),
        )
