"""Ships and receives transfers between warehouses; in transit, units are not for sale."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.document_numbers import next_number
from erp.errors import Conflict, FieldError, Invalid, NotFound
from erp.queries import find_one
from inventory.catalogue.models import Sku
from inventory.stock.actions.adjust import wait_for_own
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
from inventory.stock.actions.losses import propose_loss, withdraw_loss
from inventory.stock.actions.reserve import free_by_warehouse
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.levels import StockMovement
from inventory.stock.models.places import Place, Warehouse
from inventory.transfers.models import Transfer, TransferLine
from inventory.transfers.queries import CAUSE, waits_for_approval
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
    transfer = lock_transfer(transfer_id=transfer_id)
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
                    cause=(CAUSE, transfer.pk, line.pk),
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
    close   nothing more will come: what is missing is lost, and the transfer closed short. Above the limit of
            write-offs it stays in transit, and the transfer open, until a second person approves the write-off
    A write-off that waits is withdrawn when more of the goods come. Raises Invalid by row when more arrives than is
    under way, Conflict where the same write-off waits already.
    """
    require(by, "inventory.transfer")
    transfer = lock_transfer(transfer_id=transfer_id)
    TRANSFER.next_state(transfer.status, "receive_part")
    lines = {line.pk: line for line in transfer.lines.select_for_update().order_by("pk")}
    came = _came(units, lines)
    any_came = any(came.values())
    if any_came:
        withdraw_loss(cause=(CAUSE, transfer.pk), by=by, now=now)
    elif close and waits_for_approval(transfer):
        raise Conflict(_("The write-off of what is missing already waits for approval."))
    if close:
        wait_for_own(by)
    target = transfer.to_warehouse_id
    lock_levels((line.sku_id, target) for line in lines.values())
    bin_place = bin_id or place_id(Place.Kind.BIN, target)
    if bin_id and not Place.objects.filter(pk=bin_id, warehouse_id=target, kind="bin").exists():
        raise Invalid(_("That bin is not in this warehouse or is inactive."))
    rows: list[StockMovement] = []
    for pk, quantity in sorted(came.items()):
        if quantity:
            line = lines[pk]
            arrived = _out_of_transit(transfer, line, quantity, bin_place, by, now)
            post_goods([(row, ()) for row in arrived])
            rows += arrived
            line.quantity_received += quantity
            line.quantity_incoming = _under_way(line)
            line.save(update_fields=["quantity_received", "quantity_incoming"])
    if close:
        rows += _give_up(transfer, lines.values(), by, now)
    if any_came or not waits_for_approval(transfer):
        _step(transfer, lines.values(), now)
    if rows:
        record_change(f"transfer:{transfer.pk}", target, {r.sku_id for r in rows}, came=True)
    return transfer


def _give_up(
    transfer: Transfer, lines: Iterable[TransferLine], by: Actor, now: datetime
) -> list[StockMovement]:
    """Move what is missing to LOST, or leave it in transit behind a write-off that waits; the movements made."""
    lost = place_id(Place.Kind.LOST)
    missing = [(line, _under_way(line)) for line in lines if _under_way(line)]
    rows = [
        row
        for line, units in missing
        for row in _out_of_transit(transfer, line, units, lost, by, now)
    ]
    goods = [(row, ()) for row in rows]
    if rows and propose_loss(warehouse_id=transfer.to_warehouse_id, goods=goods, by=by, now=now):
        return []
    post_goods(goods)
    for line, units in missing:
        _note_lost(line, units)
    return rows


def _note_lost(line: TransferLine, units: int) -> None:
    line.quantity_lost += units
    line.quantity_incoming = _under_way(line)
    line.save(update_fields=["quantity_lost", "quantity_incoming"])


def _step(transfer: Transfer, lines: Iterable[TransferLine], now: datetime) -> None:
    """The step that a transfer takes by what has arrived of it and what is lost."""
    whole = not any(_under_way(line) for line in lines)
    short = any(line.quantity_lost for line in lines)
    verb = "receive_part" if not whole else "close" if short else "receive"
    transfer.status = TRANSFER.next_state(transfer.status, verb)
    transfer.closed_at = now if whole else None
    transfer.save(update_fields=["status", "closed_at"])


@transaction.atomic(savepoint=False)
def close_short(*, document: StockDocument, now: datetime) -> Transfer:
    """Close the transfer whose missing units a write-off, now posted, took out of transit."""
    transfer = lock_transfer(transfer_id=int(document.cause_id))
    lines = {line.sku_id: line for line in transfer.lines.select_for_update().order_by("pk")}
    for part in document.lines.order_by("pk"):
        _note_lost(lines[part.sku_id], -part.quantity_change)
    _step(transfer, lines.values(), now)
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
    transfer = lock_transfer(transfer_id=transfer_id)
    transfer.status = TRANSFER.next_state(transfer.status, "cancel")
    transfer.closed_at = now
    transfer.save(update_fields=["status", "closed_at"])
    return transfer


@transaction.atomic(savepoint=False)
def lock_transfer(*, transfer_id: int) -> Transfer:
    """Lock a transfer until the transaction ends; its write-offs are locked behind it. Raises NotFound."""
    return find_one(Transfer.objects.select_for_update().filter(pk=transfer_id))


def _under_way(line: TransferLine) -> int:
    return line.quantity_shipped - line.quantity_received - line.quantity_lost


def _out_of_transit(
    transfer: Transfer, line: TransferLine, units: int, to_id: int, by: Actor, now: datetime
) -> list[StockMovement]:
    """Movements, not posted, of units of a line out of transit, by the lots that this transfer brought."""
    transit = place_id(Place.Kind.IN_TRANSIT, transfer.to_warehouse_id)
    steps = StockMovement.objects.filter(
        cause_type=CAUSE, cause_id=str(transfer.pk), cause_line=str(line.pk)
    )
    brought: dict[int | None, int] = {}
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
                    cause=(CAUSE, transfer.pk, line.pk),
                    step=f"in{number}-{lot_id or ''}",
                    reason=transfer.number,
                    lot_id=lot_id,
                    by=by,
                    at=now,
                )
            )
            units -= part
    return rows
