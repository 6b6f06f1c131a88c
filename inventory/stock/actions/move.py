"""Moves goods between places of a warehouse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import FieldError, Invalid
from inventory.stock.actions.ledger import (
    lock_levels,
    movement,
    post_goods,
    record_change,
)
from inventory.stock.actions.serials import visible_serials
from inventory.stock.models.documents import StockDocument, StockDocumentLine
from inventory.stock.models.levels import BinLevel
from inventory.stock.models.places import Place

# Kinds of place that people move goods between; what is in transit moves by its transfer.
MOVABLE = (Place.Kind.BIN, Place.Kind.QUARANTINE, Place.Kind.DAMAGED, Place.Kind.RETURNS)


@dataclass(frozen=True)
class Carry:
    """Units of a SKU carried from one place of a warehouse to another."""

    sku_id: int
    quantity: int
    from_id: int
    to_id: int
    lot_id: int | None = None
    serials: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Keep of serial numbers what can be seen."""
        object.__setattr__(self, "serials", visible_serials(self.serials))


@transaction.atomic(savepoint=False)
def move_stock(
    *,
    warehouse_id: int,
    carries: Sequence[Carry],
    reason: str = "",
    kind: str = "move",
    by: Actor,
    now: datetime,
) -> StockDocument:
    """Move goods inside a warehouse: put away, replenish a pick face, set apart, clear.

    From a bin to quarantine or damaged lowers what can be promised; units that are promised may
    leave only when others are free. Raises Invalid by line, OutOfStock, Frozen.
    """
    require(by, "inventory.move")
    _check(warehouse_id, carries)
    lock_levels((carry.sku_id, warehouse_id) for carry in carries)
    document = StockDocument.objects.create(
        kind="move", warehouse_id=warehouse_id, reason=reason[:200], by=by, at=now
    )
    lines = StockDocumentLine.objects.bulk_create(_line(document, carry) for carry in carries)
    rows = [
        movement(
            sku_id=line.sku_id,
            quantity=line.quantity_change,
            from_id=carry.from_id,
            to_id=carry.to_id,
            kind=kind,
            cause=("move", document.pk, line.pk),
            reason=reason,
            lot_id=carry.lot_id,
            by=by,
            at=now,
        )
        for line, carry in zip(lines, carries, strict=True)
    ]
    post_goods([(row, carry.serials) for row, carry in zip(rows, carries, strict=True)])
    came = _comes_to_bins(carries)
    record_change(
        f"stock_document:{document.pk}", warehouse_id, {c.sku_id for c in carries}, came=came
    )
    return document


def _line(document: StockDocument, carry: Carry) -> StockDocumentLine:
    return StockDocumentLine(
        document=document,
        sku_id=carry.sku_id,
        warehouse_id=document.warehouse_id,
        place_id=carry.from_id,
        to_place_id=carry.to_id,
        lot_id=carry.lot_id,
        serials=list(carry.serials),
        quantity_change=carry.quantity,
    )


def _comes_to_bins(carries: Sequence[Carry]) -> bool:
    """Whether anything goes where it can be sold from where it could not."""
    kinds = dict(
        Place.objects.filter(
            pk__in={c.to_id for c in carries} | {c.from_id for c in carries}
        ).values_list("pk", "kind")
    )
    return any(kinds[c.to_id] == "bin" and kinds[c.from_id] != "bin" for c in carries)


def _check(warehouse_id: int, carries: Sequence[Carry]) -> None:
    places = {
        place.pk: place
        for place in Place.objects.filter(
            warehouse_id=warehouse_id, kind__in=MOVABLE, is_active=True
        ).filter(pk__in={c.from_id for c in carries} | {c.to_id for c in carries})
    }
    held: dict[tuple[int, int, int], int] = {
        (sku, place, lot): units
        for sku, place, lot, units in BinLevel.objects.filter(
            sku_id__in={c.sku_id for c in carries}, place_id__in=places
        ).values_list("sku_id", "place_id", "lot_id", "on_hand")
    }
    errors = []
    for n, carry in enumerate(carries):
        if carry.from_id not in places or carry.to_id not in places:
            detail = _("That bin is not in this warehouse or is inactive.")
            errors.append(FieldError(f"/lines/{n}", "unknown-place", detail))
            continue
        if carry.from_id == carry.to_id or carry.quantity < 1:
            detail = _("A move carries at least 1 unit from one place to another.")
            errors.append(FieldError(f"/lines/{n}/quantity", "out-of-range", detail))
            continue
        key = (carry.sku_id, carry.from_id, carry.lot_id or 0)
        if held.get(key, 0) < carry.quantity:
            detail = _("%(bin)s holds %(units)s of it.") % {
                "bin": places[carry.from_id].code,
                "units": held.get(key, 0),
            }
            errors.append(FieldError(f"/lines/{n}/quantity", "too-many", detail))
        held[key] = held.get(key, 0) - carry.quantity
    if errors or not carries:
        raise Invalid(errors[0].detail if errors else _("Enter what to move."), errors=errors)
