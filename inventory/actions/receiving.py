"""Goods that come in: from a supplier, against a purchase order or without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import FieldError, Invalid, NotFound
from inventory.actions.ledger import (
    Change,
    lock_levels,
    lots_of,
    move_serials,
    movement,
    place_id,
    post_movements,
    record_change,
)
from inventory.models import (
    Place,
    PurchaseLine,
    PurchaseOrder,
    Sku,
    StockDocument,
    StockDocumentLine,
)
from inventory.states import PURCHASE, UNDER_WAY


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
    check_arrivals(warehouse_id, changes)
    document = StockDocument.objects.create(
        kind="receipt",
        warehouse_id=warehouse_id,
        reason=(reason or reference)[:200],
        by=by,
        at=now,
    )
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
    for n, change in enumerate(changes):
        if change.quantity <= 0:
            detail = _("A received quantity is at least 1.")
            errors.append(FieldError(f"/lines/{n}/quantity", "out-of-range", detail))
        if change.place_id and change.place_id not in fitting:
            detail = _("That bin is not in this warehouse, or is switched off.")
            errors.append(FieldError(f"/lines/{n}/bin", "unknown", detail))
        if change.sku_id in services or change.sku_id in bundles:
            detail = _("A service or a bundle is not stocked; receive its parts.")
            errors.append(FieldError(f"/lines/{n}/sku", "not-stocked", detail))
        if change.unit_cost is not None and change.unit_cost < 0:
            detail = _("A cost is not negative.")
            errors.append(FieldError(f"/lines/{n}/unit_cost", "out-of-range", detail))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)


def _post_arrivals(
    document: StockDocument,
    warehouse_id: int,
    changes: Sequence[Change],
    by: Actor,
    now: datetime,
) -> None:
    lots = lots_of(changes)
    main = place_id(Place.Kind.BIN, warehouse_id)
    supplier = place_id(Place.Kind.SUPPLIER)
    lock_levels((change.sku_id, warehouse_id) for change in changes)
    lines = StockDocumentLine.objects.bulk_create(
        StockDocumentLine(
            document=document,
            sku_id=change.sku_id,
            warehouse_id=warehouse_id,
            place_id=change.place_id or main,
            lot=lots.get((change.sku_id, change.lot)),
            serials=list(change.serials),
            quantity_change=change.quantity,
            unit_value=change.unit_cost or 0,
        )
        for change in changes
    )
    rows = [
        movement(
            sku_id=line.sku_id,
            quantity=line.quantity_change,
            from_id=supplier,
            to_id=line.place_id or main,
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
    post_movements(rows=rows)
    move_serials([(row, change.serials) for row, change in zip(rows, changes, strict=True)])
    record_change(
        f"stock_document:{document.pk}", warehouse_id, {c.sku_id for c in changes}, came=True
    )


@dataclass(frozen=True)
class Arrived:
    """What came of one purchase line: good units into a bin, damaged ones set apart.

    serials   of tracked units, the good ones first, then the damaged, then the quarantined
    """

    line_id: int
    good: int = 0
    damaged: int = 0
    quarantine: int = 0
    place_id: int | None = None
    lot: str = ""
    expires_on: date | None = None
    serials: tuple[str, ...] = ()


OVER_TOLERANCE = Decimal("0.10")  # of the quantity ordered; more needs `accept_over`


@transaction.atomic(savepoint=False)
def receive_purchase(
    *,
    purchase_id: int,
    arrived: Sequence[Arrived],
    reference: str = "",
    accept_over: bool = False,
    by: Actor,
    now: datetime,
) -> StockDocument:
    """Receive goods against a purchase order: good, damaged, or to be looked at first.

    Good units can be sold at once; damaged and quarantined ones lie in their own places and
    count as delivered, not as sellable. More than a tenth over what was ordered is refused
    unless `accept_over`. Raises Invalid by line, IllegalTransition.
    """
    require(by, "inventory.receive")
    purchase = PurchaseOrder.objects.select_for_update().filter(pk=purchase_id).first()
    if purchase is None:
        raise NotFound
    PURCHASE.next_state(purchase.status, "receive_part")
    lines = {
        line.pk: line
        for line in PurchaseLine.objects.select_for_update()
        .filter(purchase=purchase)
        .order_by("pk")
    }
    _check_arrived(lines, arrived, accept_over)
    changes: list[Change] = []
    for row in arrived:
        line, numbers = lines[row.line_id], list(row.serials)
        cost = line.unit_price * purchase.exchange_rate
        for units, kind in (
            (row.good, None),
            (row.damaged, Place.Kind.DAMAGED),
            (row.quarantine, Place.Kind.QUARANTINE),
        ):
            if units:
                where = row.place_id if kind is None else place_id(kind, purchase.warehouse_id)
                mine, numbers = tuple(numbers[:units]), numbers[units:]
                changes.append(
                    Change(line.sku_id, units, cost, where, row.lot, row.expires_on, mine)
                )
        line.quantity_received += row.good + row.quarantine
        line.quantity_rejected += row.damaged
        line.quantity_incoming = _outstanding(line)
        line.save(update_fields=["quantity_received", "quantity_rejected", "quantity_incoming"])
    check_arrivals(purchase.warehouse_id, changes)
    document = StockDocument.objects.create(
        kind="receipt",
        warehouse_id=purchase.warehouse_id,
        supplier_id=purchase.supplier_id,
        purchase=purchase,
        reason=(reference or purchase.number)[:200],
        by=by,
        at=now,
    )
    _post_arrivals(document, purchase.warehouse_id, changes, by, now)
    done = not any(line.quantity_incoming for line in lines.values())
    purchase.status = PURCHASE.next_state(purchase.status, "receive" if done else "receive_part")
    if done:
        purchase.ended_at = now
    purchase.save(update_fields=["status", "ended_at"])
    return document


def _outstanding(line: PurchaseLine) -> int:
    """Units still to come. A damaged one was delivered, but is owed again."""
    return max(0, line.quantity - line.quantity_cancelled - line.quantity_received)


def _check_arrived(
    lines: Mapping[int, PurchaseLine], arrived: Sequence[Arrived], accept_over: bool
) -> None:
    errors = []
    if not any(row.good or row.damaged or row.quarantine for row in arrived):
        raise Invalid(_("Say what arrived."))
    for n, row in enumerate(arrived):
        line = lines.get(row.line_id)
        if line is None or min(row.good, row.damaged, row.quarantine) < 0:
            detail = _("Not a line of this purchase order, or a quantity below zero.")
            errors.append(FieldError(f"/lines/{n}", "unknown-line", detail))
            continue
        most = line.quantity - line.quantity_cancelled
        after = line.quantity_received + row.good + row.quarantine
        if after > most * (1 + OVER_TOLERANCE) and not accept_over:
            detail = _("%(over)s more than ordered: confirm the surplus or send it back.") % {
                "over": after - most
            }
            errors.append(FieldError(f"/lines/{n}/good", "over-delivery", detail))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)


def open_units(status: str, line: PurchaseLine) -> int:
    """What a purchase line adds to `incoming`: nothing unless its order is under way."""
    return _outstanding(line) if status in UNDER_WAY else 0
