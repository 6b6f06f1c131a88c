"""Every write to stock: receive, adjust, reserve, release, ship, take back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from erp.access.actions import save_checked
from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.errors import Conflict, Invalid, NotFound
from erp.events.record import record_event
from inventory.models import (
    Place,
    Reservation,
    Sku,
    StockDocument,
    StockDocumentLine,
    StockLevel,
    StockMovement,
    Warehouse,
)
from inventory.states import ReservationStatus

WORLD: dict[str, str] = {
    Place.Kind.SUPPLIER: "SUPPLIER",
    Place.Kind.CUSTOMER: "CUSTOMER",
    Place.Kind.LOST: "LOST",
}
INSIDE: dict[str, str] = {
    Place.Kind.BIN: "MAIN",
    Place.Kind.QUARANTINE: "QUARANTINE",
    Place.Kind.DAMAGED: "DAMAGED",
}


class OutOfStock(Conflict):
    """Units asked for that cannot be promised. `short` maps SKU code to units missing."""

    code = "insufficient-stock"

    def __init__(self, short: Mapping[str, int]) -> None:
        self.short = dict(short)
        names = ", ".join(f"{code} ({missing})" for code, missing in sorted(self.short.items()))
        super().__init__(_("Not enough stock; missing: %(names)s.") % {"names": names})

    def extra(self) -> dict[str, object]:
        return {
            "short": [{"sku": code, "missing": n} for code, n in sorted(self.short.items())]
        }


@dataclass(frozen=True)
class Change:
    """Units of a SKU, signed where a verb says so."""

    sku_id: int
    quantity: int
    unit_value: str = "0"


@transaction.atomic(savepoint=False)
def open_warehouse(*, by: Actor, now: datetime | None = None, **fields: object) -> Warehouse:
    """Add a warehouse together with the places goods can be in."""
    require(by, "settings.edit")
    sign_history(by)
    warehouse = save_checked(Warehouse(**fields))
    Place.objects.bulk_create(
        Place(kind=kind, warehouse=warehouse, code=code) for kind, code in INSIDE.items()
    )
    for kind, code in WORLD.items():
        Place.objects.get_or_create(kind=kind, warehouse=None, code=code)
    return warehouse


@transaction.atomic(savepoint=False)
def change_warehouse(
    *, warehouse_id: int, by: Actor, now: datetime, **fields: object
) -> Warehouse:
    """Change a warehouse's name, address, cut-off or priority, or switch it off.

    Its code stays. Raises Invalid naming the fields that are wrong.
    """
    require(by, "settings.edit")
    sign_history(by)
    warehouse = Warehouse.objects.select_for_update().filter(pk=warehouse_id).first()
    if warehouse is None:
        raise NotFound
    for name, value in fields.items():
        setattr(warehouse, name, value)
    return save_checked(warehouse)


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
    Raises Invalid.
    """
    require(by, "inventory.receive")
    if any(change.quantity <= 0 for change in changes):
        raise Invalid(_("A received quantity is at least 1."))
    document = StockDocument.objects.create(
        kind="receipt", reason=reason or reference, by=by, at=now
    )
    _post_document(document, warehouse_id, changes, Place.Kind.SUPPLIER, "receive", by, now)
    return document


@transaction.atomic(savepoint=False)
def adjust_stock(
    *, warehouse_id: int, changes: Sequence[Change], reason: str, by: Actor, now: datetime
) -> StockDocument:
    """Correct what is on hand by signed changes: found (+) or lost (−).

    Raises Invalid, or OutOfStock when a loss would touch units that are reserved.
    """
    require(by, "inventory.adjust")
    if any(change.quantity == 0 for change in changes):
        raise Invalid(_("An adjustment changes the quantity by something."))
    if not reason:
        raise Invalid(_("Say why the stock is adjusted."))
    lock_levels([(change.sku_id, warehouse_id) for change in changes])
    _refuse_touching_reserved(warehouse_id, changes)
    document = StockDocument.objects.create(kind="adjustment", reason=reason, by=by, at=now)
    _post_document(document, warehouse_id, changes, Place.Kind.LOST, "adjust", by, now)
    return document


def _refuse_touching_reserved(warehouse_id: int, changes: Sequence[Change]) -> None:
    lost = _summed(change for change in changes if change.quantity < 0)
    levels = {
        level.sku_id: level.available
        for level in StockLevel.objects.filter(warehouse_id=warehouse_id, sku_id__in=lost)
    }
    short = {
        sku_id: -quantity - levels.get(sku_id, 0)
        for sku_id, quantity in lost.items()
        if -quantity > levels.get(sku_id, 0)
    }
    if short:
        codes = dict(Sku.objects.filter(pk__in=short).values_list("pk", "code"))
        raise OutOfStock({codes[sku_id]: missing for sku_id, missing in short.items()})


def _summed(changes: object) -> dict[int, int]:
    sums: dict[int, int] = {}
    for change in changes:  # type: ignore[attr-defined]
        sums[change.sku_id] = sums.get(change.sku_id, 0) + change.quantity
    return sums


def _post_document(
    document: StockDocument,
    warehouse_id: int,
    changes: Sequence[Change],
    outside: str,
    kind: str,
    by: Actor,
    now: datetime,
) -> None:
    lines = StockDocumentLine.objects.bulk_create(
        StockDocumentLine(
            document=document,
            sku_id=change.sku_id,
            warehouse_id=warehouse_id,
            quantity_change=change.quantity,
            unit_value=change.unit_value,
        )
        for change in changes
    )
    bin_id = place_id(Place.Kind.BIN, warehouse_id)
    world_id = place_id(outside)
    post_movements(
        rows=[
            StockMovement(
                sku_id=line.sku_id,
                quantity=abs(line.quantity_change),
                from_place_id=world_id if line.quantity_change > 0 else bin_id,
                to_place_id=bin_id if line.quantity_change > 0 else world_id,
                kind=kind,
                cause_type=document.kind,
                cause_id=str(document.pk),
                cause_line=str(line.pk),
                reason=document.reason[:200],
                by=by,
                at=now,
            )
            for line in lines
        ]
    )
    record_event(
        "stock.changed",
        subject=f"stock_document:{document.pk}",
        channel_id=None,
        sku_ids=sorted({change.sku_id for change in changes}),
        warehouse_id=warehouse_id,
    )


@transaction.atomic(savepoint=False)
def post_movements(*, rows: Sequence[StockMovement]) -> None:
    """Append movements to the ledger; the levels follow by trigger.

    Raises OutOfStock when a level would fall below what is reserved or below zero.
    """
    try:
        with transaction.atomic():
            StockMovement.objects.bulk_create(rows)
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        if getattr(diagnostics, "constraint_name", "") == "stock_level_reserved_within_on_hand":
            codes = Sku.objects.filter(pk__in={row.sku_id for row in rows}).values_list(
                "code", flat=True
            )
            raise OutOfStock(dict.fromkeys(codes, 0)) from error
        raise


def place_id(kind: str, warehouse_id: int | None = None) -> int:
    """The id of a warehouse's place of a kind, or of a place in the world outside."""
    code = INSIDE.get(kind) or WORLD[kind]
    where = {"warehouse_id": warehouse_id} if warehouse_id else {"warehouse__isnull": True}
    return Place.objects.values_list("pk", flat=True).get(kind=kind, code=code, **where)


def lock_levels(pairs: Sequence[tuple[int, int]]) -> None:
    """Lock the levels of (sku id, warehouse id) pairs until the transaction ends, in order."""
    rows = [{"sku_id": sku, "warehouse_id": warehouse} for sku, warehouse in sorted(set(pairs))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_lock_levels(%s::jsonb)", [json.dumps(rows)])


@transaction.atomic(savepoint=False)
def hold_for_cart(
    *,
    cart_id: int,
    wanted: Mapping[int, int],
    by: Actor,
    now: datetime,
    expires_at: datetime,
) -> list[Reservation]:
    """Hold units for a cart until `expires_at`; all of them or none.

    wanted   units by SKU id, from any warehouse, several if one has too few
    Raises OutOfStock naming every SKU that falls short.
    """
    require(by, "inventory.reserve")
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_lock_skus(%s)", [sorted(wanted)])
    rows, short = [], {}
    for sku_id, quantity in sorted(wanted.items()):
        left = quantity
        for level in StockLevel.objects.filter(sku_id=sku_id).order_by("warehouse_id"):
            take = min(left, max(0, level.available))
            if take:
                rows.append(
                    Reservation(
                        holder_kind="cart",
                        holder_id=cart_id,
                        sku_id=sku_id,
                        warehouse_id=level.warehouse_id,
                        quantity=take,
                        status=ReservationStatus.HELD,
                        expires_at=expires_at,
                    )
                )
                left -= take
        if left:
            short[sku_id] = left
    if short:
        codes = dict(Sku.objects.filter(pk__in=short).values_list("pk", "code"))
        raise OutOfStock({codes[sku_id]: missing for sku_id, missing in short.items()})
    return Reservation.objects.bulk_create(rows)


@transaction.atomic(savepoint=False)
def release_stock(*, holder_kind: str, holder_ids: Sequence[int], by: Actor) -> int:
    """Give back everything still reserved for these holders; return the units released."""
    require(by, "inventory.release")
    open_rows = Reservation.objects.filter(
        holder_kind=holder_kind,
        holder_id__in=holder_ids,
        status__in=[*_RELEASABLE],
    )
    rows = list(open_rows.order_by("pk").select_for_update())
    Reservation.objects.filter(pk__in=[row.pk for row in rows]).update(
        status=ReservationStatus.RELEASED
    )
    return sum(row.quantity for row in rows if row.status != ReservationStatus.SHORT)


_RELEASABLE = (
    ReservationStatus.HELD,
    ReservationStatus.COMMITTED,
    ReservationStatus.SHORT,
)


@transaction.atomic(savepoint=False)
def expire_holds(*, now: datetime, limit: int = 500) -> int:
    """End carts' holds whose time is over, each exactly once; return how many rows."""
    due = list(
        Reservation.objects.filter(status=ReservationStatus.HELD, expires_at__lte=now)
        .order_by("expires_at", "pk")
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)[:limit]
    )
    return Reservation.objects.filter(pk__in=due, status=ReservationStatus.HELD).update(
        status=ReservationStatus.EXPIRED
    )


@dataclass(frozen=True)
class Departure:
    """Units of one order line leaving one warehouse."""

    line_id: int
    sku_id: int
    quantity: int


@transaction.atomic(savepoint=False)
def ship_stock(
    *,
    warehouse_id: int,
    departures: Sequence[Departure],
    cause: str,
    by: Actor,
    now: datetime,
) -> None:
    """Consume the reservations of order lines and take the units out of the building.

    cause   the shipment's id: the same one posts nothing twice
    Raises Conflict when a line has fewer committed units in this warehouse than leave.
    """
    ids = [departure.line_id for departure in departures]
    lock_levels([(departure.sku_id, warehouse_id) for departure in departures])
    reserved: dict[int, list[Reservation]] = {}
    for row in (
        Reservation.objects.filter(
            holder_kind="order_line",
            holder_id__in=ids,
            warehouse_id=warehouse_id,
            status=ReservationStatus.COMMITTED,
        )
        .order_by("pk")
        .select_for_update()
    ):
        reserved.setdefault(row.holder_id, []).append(row)
    consumed, cut, rest = [], [], []
    for departure in departures:
        left = departure.quantity
        for row in reserved.get(departure.line_id, []):
            if left >= row.quantity:
                consumed.append(row.pk)
                left -= row.quantity
            elif left:
                cut.append((row, left))
                left = 0
        if left:
            raise Conflict(_("A line has fewer units reserved here than are to be shipped."))
    for row, taken in cut:
        rest.append(_copy(row, taken))
        row.quantity -= taken
        row.save(update_fields=["quantity"])
    Reservation.objects.filter(pk__in=consumed).update(status=ReservationStatus.CONSUMED)
    Reservation.objects.bulk_create(rest)
    bin_id, customer_id = place_id(Place.Kind.BIN, warehouse_id), place_id(Place.Kind.CUSTOMER)
    post_movements(
        rows=[
            StockMovement(
                sku_id=departure.sku_id,
                quantity=departure.quantity,
                from_place_id=bin_id,
                to_place_id=customer_id,
                kind="ship",
                cause_type="shipment",
                cause_id=cause,
                cause_line=str(departure.line_id),
                by=by,
                at=now,
            )
            for departure in departures
        ]
    )


def _copy(row: Reservation, quantity: int) -> Reservation:
    return Reservation(
        holder_kind=row.holder_kind,
        holder_id=row.holder_id,
        sku_id=row.sku_id,
        warehouse_id=row.warehouse_id,
        quantity=quantity,
        status=ReservationStatus.CONSUMED,
    )


@transaction.atomic(savepoint=False)
def ensure_skus(*, rows: Sequence[Mapping[str, object]], by: Actor) -> dict[str, int]:
    """Add those SKUs that do not exist yet, by code; return every code's id.

    rows   {"code", "name", "is_service"?}; an existing SKU is left as it is
    """
    require(by, "imports.run")
    Sku.objects.bulk_create((Sku(**row) for row in rows), ignore_conflicts=True)
    codes = [str(row["code"]) for row in rows]
    return dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))


@dataclass(frozen=True, slots=True)
class PastChange:
    """One line of a stock document of the past."""

    sku_id: int
    quantity_change: int
    unit_value: Decimal
    reason: str
    country: str
    at: datetime


@transaction.atomic(savepoint=False)
def record_past_adjustments(
    *, channel_id: int, documents: Mapping[str, Sequence[PastChange]], by: Actor
) -> int:
    """Keep stock adjustments of the past as documents; live stock does not move.

    documents   lines by external id; lines are added to a document known already
    Returns how many documents are new.
    """
    require(by, "imports.run")
    known = dict(
        StockDocument.objects.filter(
            channel_id=channel_id, external_id__in=list(documents)
        ).values_list("external_id", "pk")
    )
    fresh = [external for external in documents if external not in known]
    made = StockDocument.objects.bulk_create(
        StockDocument(
            kind="adjustment",
            channel_id=channel_id,
            external_id=external,
            reason=documents[external][0].reason[:200],
            country=documents[external][0].country,
            is_history=True,
            by=by,
            at=documents[external][0].at,
        )
        for external in fresh
    )
    known |= {external: row.pk for external, row in zip(fresh, made, strict=True)}
    StockDocumentLine.objects.bulk_create(
        StockDocumentLine(
            document_id=known[external],
            sku_id=line.sku_id,
            quantity_change=line.quantity_change,
            unit_value=line.unit_value,
        )
        for external, lines in documents.items()
        for line in lines
    )
    return len(fresh)
