"""Receives goods without a purchase order; checks and posts every receipt."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import FieldError, Invalid
from erp.zones import sound_zone
from inventory.catalogue.models import Sku
from inventory.stock.actions.adjust import sign_document, wait_for_own
from inventory.stock.actions.amounts import cost_errors
from inventory.stock.actions.ledger import (
    Change,
    lock_levels,
    lots_of,
    movement,
    place_id,
    post_goods,
    record_change,
    rows_of,
)
from inventory.stock.decisions import is_off_sale, local_day
from inventory.stock.models.documents import StockDocument, StockDocumentLine
from inventory.stock.models.levels import Lot
from inventory.stock.models.places import Place, Warehouse


@transaction.atomic(savepoint=False)
def receive_stock(
    *,
    warehouse_id: int,
    changes: Sequence[Change],
    reference: str,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> StockDocument:
    """Put units that came from a supplier on the shelf.

    changes     quantities above zero
    reference   what they came with ("PO-17"); free text, shown on the stock card
    What comes without a purchase order is stock that somebody says is there: above the limit of increases the receipt
    waits for an approval, and nothing moves yet. Raises Invalid.
    """
    require(by, "inventory.receive")
    stated = zip(rows_of(changes), changes, strict=True)
    if errors := cost_errors((n, change.unit_cost) for n, change in stated):
        raise Invalid(errors[0].detail, errors=errors)
    check_arrivals(warehouse_id, changes)
    wait_for_own(by)
    lock_levels((change.sku_id, warehouse_id) for change in changes)
    document = StockDocument(
        kind="receipt",
        warehouse_id=warehouse_id,
        reason=(reason or reference)[:200],
        by=by,
        at=now,
    )
    waits = sign_document(document=document, changes=changes, by=by, now=now)
    document.save()
    if waits:
        _write_lines(document, warehouse_id, changes, now)
    else:
        _post_arrivals(document, warehouse_id, changes, by, now)
    return document


def check_arrivals(warehouse_id: int, changes: Sequence[Change]) -> None:
    """Refuse arrivals that make no sense, each by its line. Raises Invalid."""
    errors = []
    if not changes:
        raise Invalid(_("Name at least one SKU."))
    places = {c.place_id for c in changes if c.place_id}
    fitting = set(
        Place.objects.filter(pk__in=places, warehouse_id=warehouse_id, is_active=True)
        .exclude(kind=Place.Kind.IN_TRANSIT)
        .values_list("pk", flat=True)
    )
    services = set(
        Sku.objects.filter(pk__in={c.sku_id for c in changes}, is_service=True).values_list(
            "pk", flat=True
        )
    )
    bundles = set(
        Sku.objects.filter(pk__in={c.sku_id for c in changes}, parts__isnull=False).values_list(
            "pk", flat=True
        )
    )
    for n, change in zip(rows_of(changes), changes, strict=True):
        if change.quantity <= 0:
            detail = _("A received quantity is at least 1.")
            errors.append(FieldError(f"/lines/{n}/quantity", "out-of-range", detail))
        if change.place_id and change.place_id not in fitting:
            detail = _("That bin is not in this warehouse or is inactive.")
            errors.append(FieldError(f"/lines/{n}/bin", "unknown", detail))
        if change.sku_id in services or change.sku_id in bundles:
            detail = _("A service or a bundle is not stocked; receive its parts.")
            errors.append(FieldError(f"/lines/{n}/sku", "not-stocked", detail))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)


def _post_arrivals(
    document: StockDocument,
    warehouse_id: int,
    changes: Sequence[Change],
    by: Actor,
    now: datetime,
) -> None:
    lines = _write_lines(document, warehouse_id, changes, now)
    supplier = place_id(Place.Kind.SUPPLIER)
    lock_levels((change.sku_id, warehouse_id) for change in changes)
    rows = [
        movement(
            sku_id=line.sku_id,
            quantity=line.quantity_change,
            from_id=supplier,
            to_id=line.place_id or 0,
            kind="receive",
            cause=(document.kind, document.pk, line.pk),
            reason=document.reason,
            lot_id=line.lot_id,
            unit_cost=change.unit_cost,
            by=by,
            at=now,
        )
        for line, change in zip(lines, changes, strict=True)
    ]
    post_goods(
        [(row, change.serials) for row, change in zip(rows, changes, strict=True)],
        rows_of(changes),
    )
    record_change(
        f"stock_document:{document.pk}", warehouse_id, {c.sku_id for c in changes}, came=True
    )


def _write_lines(
    document: StockDocument, warehouse_id: int, changes: Sequence[Change], now: datetime
) -> list[StockDocumentLine]:
    lots = lots_of(changes)
    shelves = _shelves(warehouse_id, changes, lots, now)
    return StockDocumentLine.objects.bulk_create(
        StockDocumentLine(
            document=document,
            sku_id=change.sku_id,
            warehouse_id=warehouse_id,
            place_id=shelf,
            lot=lots.get((change.sku_id, change.lot)),
            serials=list(change.serials),
            quantity_change=change.quantity,
            unit_value=change.unit_cost or 0,
        )
        for change, shelf in zip(changes, shelves, strict=True)
    )


def _shelves(
    warehouse_id: int,
    changes: Sequence[Change],
    lots: Mapping[tuple[int, str], Lot],
    now: datetime,
) -> list[int]:
    """Where each arrival is put: where it says, else the main bin, or quarantine where its lot is not sold any more.

    Raises Invalid for a lot that would be put into a bin that is sold from.
    """
    main = place_id(Place.Kind.BIN, warehouse_id)
    gone = _off_sale(warehouse_id, lots.values(), now)
    if not gone:
        return [change.place_id or main for change in changes]
    bins = set(
        Place.objects.filter(warehouse_id=warehouse_id, kind=Place.Kind.BIN).values_list(
            "pk", flat=True
        )
    )
    shelves, errors = [], []
    for n, change in zip(rows_of(changes), changes, strict=True):
        lot = lots.get((change.sku_id, change.lot))
        if lot is None or lot.pk not in gone:
            shelves.append(change.place_id or main)
            continue
        shelves.append(change.place_id or place_id(Place.Kind.QUARANTINE, warehouse_id))
        if change.place_id in bins:
            detail = _(
                "Lot %(lot)s expires on %(day)s and is not sold any more: receive it into quarantine."
            )
            said = detail % {"lot": lot.code, "day": lot.expires_on}
            errors.append(FieldError(f"/lines/{n}/bin", "expired", said))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
    return shelves


def _off_sale(warehouse_id: int, lots: Iterable[Lot], now: datetime) -> set[int]:
    """The lots, by primary key, that their SKUs do not sell any more where they come in."""
    dated = [lot for lot in lots if lot.expires_on]
    if not dated:
        return set()
    zone = Warehouse.objects.values_list("time_zone", flat=True).get(pk=warehouse_id)
    today = local_day(now, sound_zone(zone))
    keeps = dict(
        Sku.objects.filter(pk__in={lot.sku_id for lot in dated}).values_list("pk", "sell_by_days")
    )
    return {lot.pk for lot in dated if is_off_sale(lot.expires_on, keeps[lot.sku_id], today)}
