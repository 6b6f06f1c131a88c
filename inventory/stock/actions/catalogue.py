"""Upserts SKUs, barcodes and bundles from sheets; each row is accepted or refused whole."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Required, TypedDict, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.jobs.upsert import Outcome, Plan, Wish, given, planned
from erp.names import translations_of
from inventory.catalogue.models import Barcode, BundlePart, Sku
from inventory.stock.models.levels import StockMovement

M = TypeVar("M", bound=Model)


class SkuRow(TypedDict, total=False):
    """A row of the sheet of SKUs; what its file says nothing of is left as it is.

    Its names in other languages stand beside, as `erp.names.translations_of` reads them.
    """

    code: Required[str]
    name: Required[str]
    category: str | None
    barcode: str | None
    weight_g: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    tracking: str | None
    sell_by_days: int | None
    tax_class: str | None
    is_service: bool | None
    is_large: bool | None
    is_active: bool | None


class BarcodeRow(TypedDict, total=False):
    """A row of the sheet of barcodes."""

    sku: Required[str]
    code: Required[str]
    kind: str | None
    units: int | None


class BundleRow(TypedDict):
    """A row of the sheet of bundles: one part of one."""

    bundle: str
    part: str
    quantity: int


SKU_FIELDS = (
    "name",
    "category",
    "barcode",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "tracking",
    "sell_by_days",
    "tax_class",
    "is_service",
    "is_large",
    "is_active",
)


def _written(model: type[M], plan: Plan[M], refused: Mapping[int, str]) -> Outcome:
    model._default_manager.bulk_create(plan.fresh, batch_size=1000)
    if plan.changed:
        model._default_manager.bulk_update(plan.changed, sorted(plan.fields), batch_size=1000)
    plan.outcome.refused |= refused
    return plan.outcome


def skus_of(*, codes: set[str]) -> dict[str, Sku]:
    """SKUs by their codes."""
    return {sku.code: sku for sku in Sku.objects.filter(code__in=codes)}


def no_sku(*, code: str) -> str:
    """That there is no SKU of this code, in words."""
    return _("There is no SKU “%(code)s”.") % {"code": code}


@transaction.atomic(savepoint=False)
def write_skus(*, rows: Sequence[SkuRow], by: Actor, now: datetime) -> Outcome:
    """Add and change SKUs by their code. How one is tracked stays once it has moved."""
    require(by, "inventory.edit")
    sign_history(by)
    found = skus_of(codes={row["code"] for row in rows})
    moved = _moved({sku.pk for sku in found.values()})
    names = {code: sku.translations for code, sku in found.items()}
    refused, wishes = {}, []
    for n, row in enumerate(rows):
        sku = found.get(row["code"])
        for name in ("tracking", "is_service"):
            wanted = row.get(name)
            if sku and sku.pk in moved and wanted is not None and wanted != getattr(sku, name):
                refused[n] = _("%(name)s: already has stock movements, so this cannot change.") % {
                    "name": name
                }
        if n not in refused:
            values = {"code": row["code"]} | given(row, *SKU_FIELDS)
            if said := translations_of(row):
                names[row["code"]] = names.get(row["code"], {}) | said
                values["translations"] = names[row["code"]]
            wishes.append(Wish(n, row["code"], values))
    return _written(Sku, planned(Sku, found, wishes), refused)


def _moved(sku_ids: set[int]) -> set[int]:
    rows = StockMovement.objects.filter(sku_id__in=sku_ids).order_by()
    return set(rows.values_list("sku_id", flat=True).distinct())


@transaction.atomic(savepoint=False)
def write_barcodes(*, rows: Sequence[BarcodeRow], by: Actor, now: datetime) -> Outcome:
    """Give SKUs further barcodes. A barcode means one SKU."""
    require(by, "inventory.edit")
    sign_history(by)
    skus = skus_of(codes={row["sku"] for row in rows})
    codes = {row["code"] for row in rows}
    found = {barcode.code: barcode for barcode in Barcode.objects.filter(code__in=codes)}
    taken = dict(Sku.objects.filter(barcode__in=codes).values_list("barcode", "code"))
    refused, wishes = {}, []
    for n, row in enumerate(rows):
        sku = skus.get(row["sku"])
        other = found.get(row["code"])
        if sku is None:
            refused[n] = no_sku(code=row["sku"])
        elif (other and other.sku_id != sku.pk) or taken.get(row["code"], sku.code) != sku.code:
            refused[n] = _("%(code)s belongs to another SKU.") % {"code": row["code"]}
        else:
            values = {"sku_id": sku.pk, "code": row["code"]} | given(row, "kind", "units")
            wishes.append(Wish(n, row["code"], values))
    return _written(Barcode, planned(Barcode, found, wishes), refused)


@transaction.atomic(savepoint=False)
def write_bundles(*, rows: Sequence[BundleRow], by: Actor, now: datetime) -> Outcome:
    """Say what bundles are made of. Parts are stocked SKUs; a bundle itself has never moved."""
    require(by, "inventory.edit")
    sign_history(by)
    skus = skus_of(codes={code for row in rows for code in (row["bundle"], row["part"])})
    ids = {sku.pk for sku in skus.values()}
    found = {(x.bundle_id, x.part_id): x for x in BundlePart.objects.filter(bundle_id__in=ids)}
    made = set(BundlePart.objects.values_list("bundle_id", flat=True))
    used = set(BundlePart.objects.values_list("part_id", flat=True))
    moved = _moved(ids)
    refused, wishes = {}, []
    for n, row in enumerate(rows):
        bundle, part = skus.get(row["bundle"]), skus.get(row["part"])
        if bundle is None or part is None:
            refused[n] = no_sku(code=row["part"] if bundle else row["bundle"])
        elif bundle.pk in moved or bundle.is_service or bundle.pk in used or bundle.pk == part.pk:
            refused[n] = _("%(code)s is stocked, or a part of a bundle, and cannot be one.") % {
                "code": bundle.code
            }
        elif part.pk in made or part.is_service:
            refused[n] = _("%(code)s is a bundle or a service, and cannot be a part.") % {
                "code": part.code
            }
        else:
            made.add(bundle.pk)
            used.add(part.pk)
            values = {"bundle_id": bundle.pk, "part_id": part.pk, "quantity": row["quantity"]}
            wishes.append(Wish(n, (bundle.pk, part.pk), values))
    return _written(BundlePart, planned(BundlePart, found, wishes), refused)
