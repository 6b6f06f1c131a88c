"""Adjusts, writes off and returns stock to vendors; above a limit the document waits for a second person."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.approvals.actions import lock_proposer, sign_proposal
from erp.approvals.models import ApprovalKind
from erp.approvals.queries import answers_for
from erp.errors import FieldError, Invalid
from erp.visible import is_blank
from inventory.catalogue.models import Sku
from inventory.stock.actions.amounts import cost_errors
from inventory.stock.actions.ledger import (
    Change,
    OutOfStock,
    lock_levels,
    lots_of,
    movement,
    place_id,
    post_goods,
    record_change,
    rows_of,
    stored_in,
    summed,
    take_from_bins,
)
from inventory.stock.actions.reserve import give_way
from inventory.stock.actions.serials import check_serials, dealt
from inventory.stock.approvals import Units, weight_of_stock
from inventory.stock.decisions import Stored
from inventory.stock.models.documents import StockDocument, StockDocumentLine
from inventory.stock.models.levels import Lot, StockLevel, StockMovement
from inventory.stock.models.places import Place
from inventory.stock.states import DocumentStatus

Document = StockDocument.Kind


# Where goods go to or come from, and what the movement is called, by kind of document.
ENDS: dict[str, tuple[str, str]] = {
    Document.ADJUSTMENT: (Place.Kind.LOST, "adjust"),
    Document.WRITE_OFF: (Place.Kind.LOST, "write_off"),
    Document.VENDOR_RETURN: (Place.Kind.SUPPLIER, "vendor_return"),
    Document.RECEIPT: (Place.Kind.SUPPLIER, "receive"),
}


@transaction.atomic(savepoint=False)
def adjust_stock(
    *,
    warehouse_id: int,
    changes: Sequence[Change],
    reason: str,
    by: Actor,
    now: datetime,
) -> StockDocument:
    """Correct what is on hand, up or down, with a reason.

    Reserved units are never adjusted away: raises OutOfStock naming the SKUs. Where the value
    changes by more than the warehouse's `approval_over`, the document waits for an approval and
    nothing moves yet. Raises Invalid without a reason.
    """
    require(by, "inventory.adjust")
    if any(change.quantity == 0 for change in changes) or not changes:
        raise Invalid(_("Enter an adjustment other than zero."))
    wait_for_own(by)
    lock_levels((change.sku_id, warehouse_id) for change in changes)
    _refuse_touching_reserved(warehouse_id, changes)
    return _enter(Document.ADJUSTMENT, warehouse_id, changes, reason, by, now)


@transaction.atomic(savepoint=False)
def write_off(
    *,
    warehouse_id: int,
    changes: Sequence[Change],
    reason: str,
    by: Actor,
    now: datetime,
) -> StockDocument:
    """Write off units that are broken, expired or gone.

    changes   quantities above zero; a bin, or a warehouse's damaged or quarantine place
    Where fewer remain than are promised, the youngest promises give way (StockShortfall) and
    their orders hear of it. Waits for an approval as an adjustment does.
    """
    require(by, "inventory.write_off")
    wait_for_own(by)
    return _enter(Document.WRITE_OFF, warehouse_id, _lowered(changes), reason, by, now)


@transaction.atomic(savepoint=False)
def return_to_vendor(
    *,
    warehouse_id: int,
    supplier_id: int,
    changes: Sequence[Change],
    reason: str,
    by: Actor,
    now: datetime,
) -> StockDocument:
    """Send units back to who sold them, from wherever they lie. Promised units stay.

    Raises OutOfStock naming the SKUs of which too few are free.
    """
    require(by, "inventory.receive")
    lowered = _lowered(changes)
    wait_for_own(by)
    lock_levels((change.sku_id, warehouse_id) for change in changes)
    inside = _kinds(lowered)
    _refuse_touching_reserved(
        warehouse_id, [c for c in lowered if inside.get(c.place_id or 0, "bin") == "bin"]
    )
    return _enter(
        Document.VENDOR_RETURN, warehouse_id, lowered, reason, by, now, supplier_id=supplier_id
    )


def wait_for_own(by: Actor) -> None:
    """Wait for whoever changes stock in the same person's name, before any level is locked.

    Levels of two warehouses are no rivals: two changes of one SKU at once would each not know of the other.
    """
    lock_proposer(proposer=answers_for(by), kinds=[ApprovalKind.WRITE_OFF, ApprovalKind.ADJUSTMENT])


def _lowered(changes: Sequence[Change]) -> list[Change]:
    if not changes or any(change.quantity <= 0 for change in changes):
        raise Invalid(_("A quantity is at least 1."))
    return [
        Change(c.sku_id, -c.quantity, None, c.place_id, c.lot, None, c.serials) for c in changes
    ]


def _refuse_touching_reserved(warehouse_id: int, changes: Sequence[Change]) -> None:
    lost = summed(change for change in changes if change.quantity < 0)
    free = {
        row["sku_id"]: row["free"]
        for row in StockLevel.objects.filter(warehouse_id=warehouse_id, sku_id__in=lost)
        .values("sku_id")
        .annotate(free=Sum("on_hand") - Sum("reserved"))
    }
    short = {
        sku_id: -quantity - free.get(sku_id, 0)
        for sku_id, quantity in lost.items()
        if -quantity > free.get(sku_id, 0)
    }
    if short:
        codes = dict(Sku.objects.filter(pk__in=short).values_list("pk", "code"))
        raise OutOfStock({codes[sku_id]: missing for sku_id, missing in short.items()})


def _kinds(changes: Sequence[Change]) -> dict[int, str]:
    ids = {c.place_id for c in changes if c.place_id}
    return dict(Place.objects.filter(pk__in=ids).values_list("pk", "kind")) if ids else {}


def _refuse_transit(changes: Sequence[Change]) -> None:
    """Refuse what is in transit: it is its transfer's, which would go on waiting for goods that are gone."""
    kinds = _kinds(changes)
    if errors := [
        FieldError(
            f"/lines/{n}/bin", "in-transit", _("What is in transit is lost by its transfer.")
        )
        for n, change in zip(rows_of(changes), changes, strict=True)
        if kinds.get(change.place_id or 0) == Place.Kind.IN_TRANSIT
    ]:
        raise Invalid(errors[0].detail, errors=errors)


def _enter(
    kind: str,
    warehouse_id: int,
    changes: Sequence[Change],
    reason: str,
    by: Actor,
    now: datetime,
    supplier_id: int | None = None,
) -> StockDocument:
    if is_blank(reason):
        detail = _("Enter a reason for the adjustment.")
        raise Invalid(detail, errors=[FieldError("/reason", "blank", detail)])
    stated = zip(rows_of(changes), changes, strict=True)
    if errors := cost_errors((n, change.unit_cost) for n, change in stated):
        raise Invalid(errors[0].detail, errors=errors)
    _refuse_transit(changes)
    check_serials(
        [(n, c.sku_id, c.serials) for n, c in zip(rows_of(changes), changes, strict=True)]
    )
    lock_levels((change.sku_id, warehouse_id) for change in changes)
    document = StockDocument(
        kind=kind,
        warehouse_id=warehouse_id,
        supplier_id=supplier_id,
        reason=reason[:200],
        by=by,
        at=now,
    )
    waits = sign_document(document=document, changes=changes, by=by, now=now)
    document.save()
    lots = lots_of([c for c in changes if c.quantity > 0])
    known = {
        (lot.sku_id, lot.code): lot
        for lot in Lot.objects.filter(
            sku_id__in={c.sku_id for c in changes}, code__in={c.lot for c in changes if c.lot}
        )
    }
    for n, change in zip(rows_of(changes), changes, strict=True):
        if change.quantity < 0 and change.lot and (change.sku_id, change.lot) not in known:
            detail = _("There is no lot %(lot)s of this SKU.") % {"lot": change.lot}
            raise Invalid(detail, errors=[FieldError(f"/lines/{n}/lot", "unknown", detail)])
    StockDocumentLine.objects.bulk_create(
        StockDocumentLine(
            document=document,
            sku_id=change.sku_id,
            warehouse_id=warehouse_id,
            place_id=change.place_id,
            quantity_change=change.quantity,
            lot=(lots | known).get((change.sku_id, change.lot)),
            serials=list(change.serials),
            unit_value=change.unit_cost or 0,
        )
        for change in changes
    )
    if not waits:
        post_document(document=document, by=by, now=now)
    return document


def sign_document(
    *, document: StockDocument, changes: Sequence[Change], by: Actor, now: datetime
) -> bool:
    """Write on a new document, unsaved, who proposes it; whether it waits for a second person.

    What a job enters on a warehouse's own account passes that warehouse's limit; not the company's.
    """
    units = [Units(change.sku_id, change.quantity, change.unit_cost) for change in changes]
    weight = weight_of_stock(
        document.warehouse_id or 0,
        units,
        proposer=answers_for(by),
        is_job=by.kind == Actor.Kind.JOB,
        now=now,
    )
    sign_proposal(row=document, weight=weight, by=by)
    waits = document.needs_second_person
    document.status = DocumentStatus.WAITING if waits else DocumentStatus.POSTED
    return waits


@transaction.atomic(savepoint=False)
def post_document(*, document: StockDocument, by: Actor, now: datetime) -> None:
    """Move what a document says, once nothing keeps it from it. Raises what `post_goods` does, OutOfStock, Frozen."""
    warehouse_id = document.warehouse_id
    assert warehouse_id is not None
    lines = list(document.lines.select_related("place").order_by("pk"))
    lock_levels((line.sku_id, warehouse_id) for line in lines)
    outside, kind = ENDS[document.kind]
    world, main = place_id(outside), place_id(Place.Kind.BIN, warehouse_id)
    stored = stored_in(warehouse_id, {line.sku_id for line in lines if line.quantity_change < 0})
    if document.kind == Document.WRITE_OFF:
        give_way(
            warehouse_id=warehouse_id,
            leaving=_sellable(lines),
            cause=f"write_off:{document.pk}",
            now=now,
        )
    posted: list[tuple[StockMovement, Sequence[str]]] = []
    rows: list[int] = []
    moved = partial(movement, kind=kind, reason=document.reason, by=by, at=now)
    for at, line in enumerate(lines):
        cause = (document.kind, document.pk, line.pk)
        if line.quantity_change > 0:
            row = moved(
                sku_id=line.sku_id,
                quantity=line.quantity_change,
                from_id=world,
                to_id=line.place_id or main,
                cause=cause,
                lot_id=line.lot_id,
                unit_cost=line.unit_value or None,
            )
            posted.append((row, line.serials))
            rows.append(at)
            continue
        sources = _sources(line, stored)
        numbers = dealt(line.serials, [units for _from, _lot, units in sources])
        for (from_id, lot_id, units), codes in zip(sources, numbers, strict=True):
            row = moved(
                sku_id=line.sku_id,
                quantity=units,
                from_id=from_id,
                to_id=world,
                cause=cause,
                step=str(lot_id or ""),
                lot_id=lot_id,
            )
            posted.append((row, codes))
            rows.append(at)
    post_goods(posted, rows)
    came = any(line.quantity_change > 0 for line in lines)
    record_change(
        f"stock_document:{document.pk}", warehouse_id, {x.sku_id for x in lines}, came=came
    )


def _sellable(lines: Sequence[StockDocumentLine]) -> dict[int, int]:
    """Units that are written off and could have been sold, by SKU: those in bins."""
    leaving: dict[int, int] = {}
    for line in lines:
        if line.place is None or line.place.kind == Place.Kind.BIN:
            leaving[line.sku_id] = leaving.get(line.sku_id, 0) - line.quantity_change
    return leaving


def _sources(
    line: StockDocumentLine, stored: dict[int, list[Stored]]
) -> list[tuple[int, int | None, int]]:
    """The places that a line's units leave: the one it names, or as they would be picked."""
    if line.place_id:
        return [(line.place_id, line.lot_id, -line.quantity_change)]
    if line.lot_id:
        stored[line.sku_id] = [s for s in stored.get(line.sku_id, []) if s.lot_id == line.lot_id]
    taken = take_from_bins(stored, line.sku_id, -line.quantity_change)
    return [(t.place_id, t.lot_id, t.quantity) for t in taken]
