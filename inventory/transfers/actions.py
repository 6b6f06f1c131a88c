"""Ships and receives transfers between warehouses; in transit, units are not for sale."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.document_numbers import next_number
from erp.errors import FieldError, Invalid, NotFound
from erp.queries import find_one
from inventory.catalogue.models import Sku
from inventory.stock.actions.ledger import (
    OutOfStock,
    lock_levels,
    movement,
    place_id,
    post_goods,
    record_change,
    stored_in,
    take_from_bins,
)
from inventory.stock.actions.reserve import free_by_warehouse
from inventory.stock.models.levels import StockMovement
from inventory.stock.models.places import Place, Warehouse
from inventory.transfers.models import Transfer, TransferLine
from inventory.transfers.states import TRANSFER


@transaction.atomic(savepoint=False)
def draft_transfer(
    *,
    from_warehouse_id: int,
    to_warehouse_id: int,
    units: Mapping[int, int],
    note: str = "",
    expected_on: date | None = None,
    by: Actor,
    now: datetime,
) -> Transfer:
    """Draft a transfer between warehouses. Nothing moves yet.

    units   by SKU id, each at least 1
    """
    require(by, "inventory.transfer")
    if from_warehouse_id == to_warehouse_id or not units or min(units.values()) < 1:
        raise Invalid(_("A transfer takes at least 1 unit to another warehouse."))
    if Warehouse.objects.filter(pk__in=[from_warehouse_id, to_warehouse_id]).count() < 2:
        raise NotFound
    if Sku.objects.filter(pk__in=units, is_service=False, parts=None).count() < len(units):
        raise Invalid(_("Only stocked SKUs can be transferred."))
    transfer = Transfer.objects.create(
        number=next_number("TR", "inventory_transfer"),
        from_warehouse_id=from_warehouse_id,
        to_warehouse_id=to_warehouse_id,
        status=TRANSFER.initial,
        note=note[:200],
        expected_on=expected_on,
        by=by,
        created_at=now,
    )
    TransferLine.objects.bulk_create(
        TransferLine(
            transfer=transfer, sku_id=sku_id, warehouse_id=to_warehouse_id, quantity=quantity
        )
        for sku_id, quantity in sorted(units.items())
    )
    return transfer


@transaction.atomic(savepoint=False)
def ship_transfer(*, transfer_id: int, by: Actor, now: datetime) -> Transfer:
    """Ship a transfer: out of bins, in transit, incoming at the destination.

    Promised units stay. Raises OutOfStock naming every SKU of which too few are free.
    """
    require(by, "inventory.transfer")
    transfer = _locked(transfer_id)
    transfer.status = TRANSFER.next_state(transfer.status, "ship")
    lines = list(transfer.lines.order_by("sku_id"))
    source = transfer.from_warehouse_id
    lock_levels(
        [(x.sku_id, source) for x in lines] + [(x.sku_id, transfer.to_warehouse_id) for x in lines]
    )
    short = {}
    for line in lines:
        free = dict(free_by_warehouse(line.sku_id)).get(source, 0)
        if free < line.quantity:
            short[line.sku_id] = line.quantity - free
    if short:
        codes = dict(Sku.objects.filter(pk__in=short).values_list("pk", "code"))
        raise OutOfStock({codes[sku]: n for sku, n in short.items()})
    stored = stored_in(source, {line.sku_id for line in lines})
    transit = place_id(Place.Kind.IN_TRANSIT, transfer.to_warehouse_id)
    rows = []
    for line in lines:
        for n, part in enumerate(take_from_bins(stored, line.sku_id, line.quantity)):
            rows.append(
                movement(
                    sku_id=line.sku_id,
                    quantity=part.quantity,
                    from_id=part.place_id,
                    to_id=transit,
                    kind="transfer",
                    cause=("transfer", transfer.pk, line.pk),
                    step=f"out{n or ''}",
                    reason=transfer.number,
                    lot_id=part.lot_id,
                    by=by,
                    at=now,
                )
            )
        line.quantity_shipped = line.quantity_incoming = line.quantity
        line.save(update_fields=["quantity_shipped", "quantity_incoming"])
    post_goods([(row, ()) for row in rows])
    transfer.shipped_at = now
    transfer.save(update_fields=["status", "shipped_at"])
    record_change(f"transfer:{transfer.pk}", source, {line.sku_id for line in lines})
    return transfer


@transaction.atomic(savepoint=False)
def receive_transfer(
    *,
    transfer_id: int,
    units: Sequence[tuple[int, int]],
    bin_id: int | None = None,
    close: bool = False,
    by: Actor,
    now: datetime,
) -> Transfer:
    """Receive goods of a transfer, in several deliveries if need be.

    units   (line id, units) row by row; several of one line add up
    close   nothing more will come: what is missing is lost, and the transfer closed short
    Raises Invalid by row when more arrives than is under way.
    """
    require(by, "inventory.transfer")
    transfer = _locked(transfer_id)
    TRANSFER.next_state(transfer.status, "receive_part")
    lines = {line.pk: line for line in transfer.lines.select_for_update().order_by("pk")}
    came = _came(units, lines)
    target = transfer.to_warehouse_id
    lock_levels((line.sku_id, target) for line in lines.values())
    bin_place = bin_id or place_id(Place.Kind.BIN, target)
    if bin_id and not Place.objects.filter(pk=bin_id, warehouse_id=target, kind="bin").exists():
        raise Invalid(_("That bin is not in this warehouse or is inactive."))
    rows: list[StockMovement] = []
    for pk, quantity in sorted(came.items()):
        if quantity:
            line = lines[pk]
            rows += _out_of_transit(transfer, line, quantity, bin_place, by, now)
            line.quantity_received += quantity
            line.quantity_incoming = _under_way(line)
            line.save(update_fields=["quantity_received", "quantity_incoming"])
    if close:
        lost = place_id(Place.Kind.LOST)
        for line in lines.values():
            if missing := _under_way(line):
                rows += _out_of_transit(transfer, line, missing, lost, by, now)
                line.quantity_lost += missing
                line.quantity_incoming = 0
                line.save(update_fields=["quantity_lost", "quantity_incoming"])
    whole = not any(_under_way(line) for line in lines.values())
    short = any(line.quantity_lost for line in lines.values())
    verb = "receive_part" if not whole else "close" if short else "receive"
    transfer.status = TRANSFER.next_state(transfer.status, verb)
    transfer.closed_at = now if whole else None
    transfer.save(update_fields=["status", "closed_at"])
    if rows:
        record_change(f"transfer:{transfer.pk}", target, {r.sku_id for r in rows}, came=True)
    return transfer


def _came(units: Sequence[tuple[int, int]], lines: Mapping[int, TransferLine]) -> dict[int, int]:
    """What arrives, by line id. Raises Invalid by row where more arrives than is under way."""
    errors = []
    came: dict[int, int] = {}
    for n, (pk, quantity) in enumerate(units):
        left = _under_way(lines[pk]) - came.get(pk, 0) if pk in lines else 0
        if pk not in lines or not 0 <= quantity <= left:
            detail = _("%(units)s in transit.") % {"units": left}
            errors.append(FieldError(f"/lines/{n}/quantity", "too-many", detail))
            continue
        came[pk] = came.get(pk, 0) + quantity
    if errors:
        raise Invalid(errors[0].detail, errors=errors)
    return came


@transaction.atomic(savepoint=False)
def cancel_transfer(*, transfer_id: int, by: Actor, now: datetime) -> Transfer:
    """Cancel a transfer that has not shipped."""
    require(by, "inventory.transfer")
    transfer = _locked(transfer_id)
    transfer.status = TRANSFER.next_state(transfer.status, "cancel")
    transfer.closed_at = now
    transfer.save(update_fields=["status", "closed_at"])
    return transfer


def _locked(transfer_id: int) -> Transfer:
    return find_one(Transfer.objects.select_for_update().filter(pk=transfer_id))


def _under_way(line: TransferLine) -> int:
    return line.quantity_shipped - line.quantity_received - line.quantity_lost


def _out_of_transit(
    transfer: Transfer, line: TransferLine, units: int, to_id: int, by: Actor, now: datetime
) -> list[StockMovement]:
    """Move units of a line out of transit, by the lots that this transfer brought."""
    transit = place_id(Place.Kind.IN_TRANSIT, transfer.to_warehouse_id)
    brought: dict[int | None, int] = {}
    steps = StockMovement.objects.filter(
        cause_type="transfer", cause_id=str(transfer.pk), cause_line=str(line.pk)
    )
    number = 0
    for row in steps.order_by("pk"):
        number += 1
        sign = 1 if row.to_place_id == transit else -1
        brought[row.lot_id] = brought.get(row.lot_id, 0) + sign * row.quantity
    rows = []
    for lot_id, there in sorted(brought.items(), key=lambda pair: pair[0] or 0):
        part = min(units, there)
        if part > 0:
            rows.append(
                movement(
                    sku_id=line.sku_id,
                    quantity=part,
                    from_id=transit,
                    to_id=to_id,
                    kind="transfer",
                    cause=("transfer", transfer.pk, line.pk),
                    step=f"in{number}-{lot_id or ''}",
                    reason=transfer.number,
                    lot_id=lot_id,
                    by=by,
                    at=now,
                )
            )
            units -= part
    post_goods([(row, ()) for row in rows])
    return rows
