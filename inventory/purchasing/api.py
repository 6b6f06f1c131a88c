"""Serves purchase orders over the API."""

from collections.abc import Mapping
from datetime import date

import msgspec
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.api.endpoint import Endpoint
from erp.api.resource import by_choice, by_value, creation_of, document_of, list_of
from erp.errors import FieldError, Invalid
from inventory.catalogue.codes import skus_by_code
from inventory.purchasing.actions.purchase import Wanted, draft_purchase
from inventory.purchasing.codes import supplier_named
from inventory.purchasing.document import purchase_document
from inventory.purchasing.models import PurchaseOrder
from inventory.purchasing.states import PurchaseStatus
from inventory.purchasing.verbs import find_purchase
from inventory.stock.codes import cost_of, warehouse_named


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


def _drafted(body: NewPurchase, _by: Actor) -> Mapping[str, object]:
    skus = skus_by_code(line.sku for line in body.lines)
    errors, wanted = [], []
    for n, line in enumerate(body.lines):
        price, flaw = cost_of(line.unit_price)
        if line.sku not in skus:
            detail = _("There is no such SKU.")
            errors.append(FieldError(f"/lines/{n}/sku", "unknown-sku", detail))
        elif flaw:
            errors.append(FieldError(f"/lines/{n}/unit_price", *flaw))
        else:
            wanted.append(Wanted(skus[line.sku].pk, line.quantity, price))
    if errors:
        raise Invalid(errors=errors)
    return {
        "supplier_id": supplier_named(body.supplier).pk,
        "warehouse_id": warehouse_named(body.warehouse).pk,
        "wanted": wanted,
        "note": body.note,
        "expected_on": body.expected_on,
        "order_number": body.order,
    }


class Purchases(Endpoint):
    rights = {"get": "purchasing.view", "post": "purchasing.edit"}
    get = list_of(
        "List purchase orders, newest first",
        lambda _actor: PurchaseOrder.objects.select_related("supplier", "warehouse"),
        lambda row, _by: purchase_document(row),
        filters=(
            by_choice("status", PurchaseStatus.values),
            by_value("supplier", "supplier__code"),
        ),
    )
    post = creation_of(
        "Draft a purchase order",
        draft_purchase,
        body=NewPurchase,
        arguments=_drafted,
        show=lambda row, _by: purchase_document(row),
    )


class OnePurchase(Endpoint):
    rights = {"get": "purchasing.view"}
    get = document_of(
        "Read a purchase order", find_purchase, lambda row, _by: purchase_document(row)
    )
