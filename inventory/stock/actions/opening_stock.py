"""Posts opening stock in bulk, by bin and lot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Required, TypedDict

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Invalid
from erp.jobs.upsert import Outcome
from erp.visible import identifier
from inventory.catalogue.models import BundlePart, Sku
from inventory.stock.actions.amounts import flaw_of
from inventory.stock.actions.catalogue import no_sku, skus_of
from inventory.stock.actions.ledger import Change, place_id
from inventory.stock.actions.receive import receive_stock
from inventory.stock.actions.serials import visible_serials
from inventory.stock.models.documents import StockDocument, StockDocumentLine
from inventory.stock.models.levels import StockMovement
from inventory.stock.models.places import Place, Warehouse
from inventory.stock.states import DocumentStatus


class Row(TypedDict, total=False):
    """A row of the sheet of opening stock."""

    warehouse: Required[str]
    sku: Required[str]
    quantity: Required[int]
    unit_cost: Decimal | None
    bin: str | None
    lot: str | None
    expires_on: date | None
    serials: str | None


OPENING = "Opening stock"


@dataclass
class _Known:
    """What a warehouse's rows are checked against; `opened` grows with every row taken."""

    skus: Mapping[str, Sku]
    bundles: set[int]
    bins: Mapping[str, int]
    main: int  # the bin of rows that name none
    opened: set[tuple[int, int, str | None]]  # SKU, place, lot
    moved: set[int]  # SKUs that have moved in the warehouse otherwise


@transaction.atomic(savepoint=False)
def write_opening_stock(*, rows: Sequence[Row], by: Actor, now: datetime) -> Outcome:
    """Put opening stock on the shelf: once a SKU, warehouse, bin and lot; above a limit it waits for an approval.

    A SKU that has moved otherwise in the warehouse is refused: it is counted or adjusted instead.
    """
    require(by, "inventory.receive")
    outcome = Outcome()
    named = {w.code: w for w in Warehouse.objects.filter(code__in={r["warehouse"] for r in rows})}
    skus = skus_of(codes={row["sku"] for row in rows})
    bundles = set(BundlePart.objects.values_list("bundle_id", flat=True))
    for n, row in enumerate(rows):
        if row["warehouse"] not in named:
            outcome.refused[n] = _("There is no such warehouse.")
    for code, warehouse in sorted(named.items()):
        mine = [(n, row) for n, row in enumerate(rows) if row["warehouse"] == code]
        known = _known(warehouse, skus, bundles, {row.get("bin") or "" for _n, row in mine})
        changes = []
        for n, row in mine:
            if problem := _problem(row, known):
                outcome.refused[n] = problem
            else:
                changes.append((n, _change(row, known)))
        _receive(warehouse.pk, changes, outcome, by, now)
    return outcome


def _known(
    warehouse: Warehouse, skus: Mapping[str, Sku], bundles: set[int], bins: set[str]
) -> _Known:
    ids = {sku.pk for sku in skus.values()}
    places = Place.objects.filter(
        warehouse=warehouse, kind=Place.Kind.BIN, is_active=True, code__in=bins
    )
    documents = StockDocument.objects.filter(
        kind="receipt", warehouse=warehouse, reason=OPENING, is_history=False
    ).exclude(status=DocumentStatus.REJECTED)
    lines = StockDocumentLine.objects.filter(document__in=documents, sku_id__in=ids)
    own = [str(pk) for pk in documents.values_list("pk", flat=True)]
    moves = StockMovement.objects.filter(sku_id__in=ids).filter(
        Q(from_place__warehouse=warehouse) | Q(to_place__warehouse=warehouse)
    )
    moves = moves.exclude(cause_type="receipt", cause_id__in=own).order_by()
    opened = lines.values_list("sku_id", "place_id", "lot__code")
    return _Known(
        skus,
        bundles,
        dict(places.values_list("code", "pk")),
        place_id(Place.Kind.BIN, warehouse.pk),
        {(sku, place, lot) for sku, place, lot in opened},
        set(moves.values_list("sku_id", flat=True).distinct()),
    )


def _problem(row: Row, known: _Known) -> str:
    """Why a row cannot be taken; "" when it can."""
    sku = known.skus.get(row["sku"])
    if sku is None:
        return no_sku(code=row["sku"])
    serials = set(_serials(row))
    cost = row.get("unit_cost")
    flaw = None if cost is None else flaw_of(cost)
    checks = (
        (
            sku.is_service or sku.pk in known.bundles,
            _("A service or a bundle is not stocked; receive its parts."),
        ),
        (bool(row.get("bin")) and row["bin"] not in known.bins, _("There is no such bin.")),
        (flaw is not None, f"unit_cost: {flaw.detail if flaw else ''}"),
        (
            sku.tracking == Sku.Tracking.LOT and not row.get("lot"),
            _("This SKU is tracked by lot: enter the lot."),
        ),
        (
            sku.tracking == Sku.Tracking.SERIAL and len(serials) != row["quantity"],
            _("One serial number a unit, separated by spaces."),
        ),
        (
            sku.pk in known.moved,
            _("This SKU already has stock movements here: count or adjust it."),
        ),
        (_place_of(row, sku, known) in known.opened, _("Opening stock has already been entered.")),
    )
    return next((why for is_wrong, why in checks if is_wrong), "")


def _place_of(row: Row, sku: Sku, known: _Known) -> tuple[int, int, str | None]:
    return (
        sku.pk,
        known.bins.get(row.get("bin") or "", known.main),
        identifier(row.get("lot") or "") or None,
    )


def _serials(row: Row) -> tuple[str, ...]:
    return visible_serials((row.get("serials") or "").split())


def _change(row: Row, known: _Known) -> Change:
    key = _place_of(row, known.skus[row["sku"]], known)
    known.opened.add(key)
    return Change(
        key[0],
        row["quantity"],
        row.get("unit_cost"),
        key[1],
        row.get("lot") or "",
        row.get("expires_on"),
        _serials(row),
    )


def _receive(
    warehouse_id: int,
    some: Sequence[tuple[int, Change]],
    outcome: Outcome,
    by: Actor,
    now: datetime,
) -> None:
    """All in one document; when something in it is wrong, one by one, to say which."""
    if not some:
        return
    try:
        with transaction.atomic():
            document = receive_stock(
                warehouse_id=warehouse_id,
                changes=[change for _n, change in some],
                reference=OPENING,
                by=by,
                now=now,
            )
        if document.status == DocumentStatus.WAITING:
            outcome.waiting += len(some)
        else:
            outcome.created += len(some)
    except Invalid as refusal:
        if len(some) == 1:
            outcome.refused[some[0][0]] = str(refusal)
            return
        for one in some:
            _receive(warehouse_id, [one], outcome, by, now)
