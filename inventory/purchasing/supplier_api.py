"""Serves suppliers, their terms and returns to vendors over the API."""

from collections.abc import Mapping
from datetime import date

import msgspec

from erp.access.models import Actor
from erp.api.endpoint import Endpoint
from erp.api.resource import creation_of, list_of
from erp.queries import find_one
from erp.shapes import Code, Reason
from inventory.catalogue.codes import StockLine
from inventory.purchasing.actions.suppliers import save_supplier, save_term
from inventory.purchasing.codes import supplier_named
from inventory.purchasing.document import supplier_document, term_document
from inventory.purchasing.models import Supplier, SupplierTerm
from inventory.purchasing.verbs import decimal_named
from inventory.stock.actions.adjust import return_to_vendor
from inventory.stock.codes import changes_named, warehouse_named
from inventory.stock.document import stock_document
from inventory.stock.level_api import sku_named


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
    supplier_sku: Code = ""
    min_quantity: int = 1
    pack_size: int = 1
    moq: int = 1
    lead_time_days: int | None = None
    preference: int = 1
    valid_from: date | None = None
    valid_until: date | None = None


def _supplier_saved(body: NewSupplier, _by: Actor) -> Mapping[str, object]:
    least = decimal_named(body.min_order_value, "/min_order_value")
    known = Supplier.objects.filter(code=body.code).values_list("pk", flat=True).first()
    return {**msgspec.structs.asdict(body), "min_order_value": least, "supplier_id": known}


class Suppliers(Endpoint):
    rights = {"get": "purchasing.view", "post": "purchasing.edit"}
    get = list_of(
        "List suppliers",
        lambda _actor: Supplier.objects.all(),
        lambda row, _by: supplier_document(row),
        order=("id",),
    )
    post = creation_of(
        "Add or change a supplier",
        save_supplier,
        body=NewSupplier,
        arguments=_supplier_saved,
        show=lambda row, _by: supplier_document(row),
    )


def _term_saved(body: NewTerm, _by: Actor, code: str) -> Mapping[str, object]:
    fields = msgspec.structs.asdict(body)
    del fields["sku"]
    fields["unit_price"] = decimal_named(body.unit_price, "/unit_price")
    supplier = find_one(Supplier.objects.filter(code=code))
    return {**fields, "supplier_id": supplier.pk, "sku_id": sku_named(body.sku)}


class Terms(Endpoint):
    rights = {"get": "purchasing.view", "post": "purchasing.edit"}
    get = list_of(
        "List a supplier's terms",
        lambda _actor, code: SupplierTerm.objects.filter(supplier__code=code).select_related(
            "supplier", "sku"
        ),
        lambda row, _by: term_document(row),
        order=("id",),
    )
    post = creation_of(
        "Set a supplier's terms for a SKU",
        save_term,
        body=NewTerm,
        arguments=_term_saved,
        show=lambda row, _by: term_document(row),
    )


class NewVendorReturn(msgspec.Struct, forbid_unknown_fields=True):
    warehouse: str
    supplier: str
    lines: list[StockLine]
    reason: Reason


def _vendor_returned(body: NewVendorReturn, _by: Actor) -> Mapping[str, object]:
    warehouse = warehouse_named(body.warehouse)
    return {
        "warehouse_id": warehouse.pk,
        "supplier_id": supplier_named(body.supplier).pk,
        "changes": changes_named(warehouse, body.lines, leaving=True),
        "reason": body.reason,
    }


class VendorReturns(Endpoint):
    rights = {"post": "inventory.receive"}
    post = creation_of(
        "Return stock to a supplier",
        return_to_vendor,
        body=NewVendorReturn,
        arguments=_vendor_returned,
        show=lambda document, _by: stock_document(document),
    )
