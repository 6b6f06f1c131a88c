"""Saves suppliers and their terms, by hand and from files."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Required, TypedDict

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.actions import save_checked
from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.jobs.upsert import Outcome, Wish, given, planned
from erp.queries import find_one
from inventory.purchasing.models import Supplier, SupplierTerm
from inventory.stock.actions.catalogue import _written, no_sku, skus_of


class SupplierRow(TypedDict, total=False):
    """A row of the sheet of suppliers; what its file says nothing of is left as it is."""

    code: Required[str]
    name: Required[str]
    email: str | None
    phone: str | None
    address: str | None
    country: str | None
    language: str | None
    currency: str | None
    lead_time_days: int | None
    review_days: int | None
    min_order_value: Decimal | None
    payment_terms: str | None
    orders_itself: bool | None
    is_active: bool | None


class TermRow(TypedDict, total=False):
    """A row of the sheet of suppliers' terms."""

    supplier: Required[str]
    sku: Required[str]
    min_quantity: int | None
    valid_from: date | None
    supplier_sku: str | None
    unit_price: Required[Decimal]
    pack_size: int | None
    moq: int | None
    lead_time_days: int | None
    preference: int | None
    valid_until: date | None


@transaction.atomic(savepoint=False)
def save_supplier(
    *, supplier_id: int | None = None, by: Actor, now: datetime, **fields: object
) -> Supplier:
    """Add a supplier, or change one. Raises Invalid naming the fields that are wrong."""
    require(by, "purchasing.edit")
    sign_history(by)
    supplier = Supplier()
    if supplier_id is not None:
        found = find_one(Supplier.objects.select_for_update().filter(pk=supplier_id))
        supplier = found
    for name, value in fields.items():
        setattr(supplier, name, value)
    return save_checked(supplier)


@transaction.atomic(savepoint=False)
def save_term(
    *, supplier_id: int, sku_id: int, by: Actor, now: datetime, **fields: object
) -> SupplierTerm:
    """Set what a supplier asks for a SKU from `min_quantity` units on. Raises Invalid."""
    require(by, "purchasing.edit")
    sign_history(by)
    key = {
        "supplier_id": supplier_id,
        "sku_id": sku_id,
        "min_quantity": fields.pop("min_quantity", 1),
        "valid_from": fields.pop("valid_from", None),
    }
    term = SupplierTerm.objects.filter(**key).first() or SupplierTerm(**key)
    for name, value in fields.items():
        setattr(term, name, value)
    return save_checked(term)


SAID_OF_SUPPLIERS = (
    "name",
    "email",
    "phone",
    "address",
    "country",
    "language",
    "currency",
    "lead_time_days",
    "review_days",
    "min_order_value",
    "payment_terms",
)
SUPPLIER_FIELDS = (*SAID_OF_SUPPLIERS, "orders_itself", "is_active")


TERM_FIELDS = (
    "supplier_sku",
    "unit_price",
    "pack_size",
    "moq",
    "lead_time_days",
    "preference",
    "valid_until",
)


@transaction.atomic(savepoint=False)
def write_suppliers(*, rows: Sequence[SupplierRow], by: Actor, now: datetime) -> Outcome:
    """Add and change suppliers by their code."""
    require(by, "purchasing.edit")
    sign_history(by)
    codes = {row["code"] for row in rows}
    found = {supplier.code: supplier for supplier in Supplier.objects.filter(code__in=codes)}
    wishes = [
        Wish(n, row["code"], {"code": row["code"]} | given(row, *SUPPLIER_FIELDS))
        for n, row in enumerate(rows)
    ]
    return _written(Supplier, planned(Supplier, found, wishes), {})


@transaction.atomic(savepoint=False)
def write_terms(*, rows: Sequence[TermRow], by: Actor, now: datetime) -> Outcome:
    """Set what suppliers ask for SKUs, by supplier, SKU, quantity from which it holds, and day."""
    require(by, "purchasing.edit")
    sign_history(by)
    codes = {row["supplier"] for row in rows}
    suppliers = {supplier.code: supplier for supplier in Supplier.objects.filter(code__in=codes)}
    skus = skus_of(codes={row["sku"] for row in rows})
    terms = SupplierTerm.objects.filter(supplier__in=suppliers.values(), sku__in=skus.values())
    found = {(t.supplier_id, t.sku_id, t.min_quantity, t.valid_from): t for t in terms}
    refused, wishes = {}, []
    for n, row in enumerate(rows):
        supplier, sku = suppliers.get(row["supplier"]), skus.get(row["sku"])
        if supplier is None:
            refused[n] = _("There is no such supplier.")
        elif sku is None:
            refused[n] = no_sku(code=row["sku"])
        else:
            key = (supplier.pk, sku.pk, row.get("min_quantity") or 1, row.get("valid_from"))
            names = ("supplier_id", "sku_id", "min_quantity", "valid_from")
            values = dict(zip(names, key, strict=True)) | given(row, *TERM_FIELDS)
            wishes.append(Wish(n, key, values))
    return _written(SupplierTerm, planned(SupplierTerm, found, wishes), refused)
