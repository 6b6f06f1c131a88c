"""Receives goods against a purchase order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import FieldError, Invalid
from erp.queries import find_one
from inventory.purchasing.models import PurchaseLine, PurchaseOrder
from inventory.purchasing.states import PURCHASE, UNDER_WAY
from inventory.stock.actions.ledger import (
    Change,
    place_id,
)
from inventory.stock.actions.receive import _post_arrivals, check_arrivals
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.places import Place


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
    purchase = find_one(PurchaseOrder.objects.select_for_update().filter(pk=purchase_id))
    PURCHASE.next_state(purchase.status, "receive_part")
    lines = _locked_lines(purchase)
    _check_arrived(lines, arrived, accept_over)
    changes: list[Change] = []
    for n, row in enumerate(arrived):
        line = lines[row.line_id]
        changes += [replace(change, row=n) for change in _by_place(purchase, line, row)]
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


def _locked_lines(purchase: PurchaseOrder) -> dict[int, PurchaseLine]:
    lines = PurchaseLine.objects.select_for_update().filter(purchase=purchase)
    return {line.pk: line for line in lines.order_by("pk")}


def _by_place(purchase: PurchaseOrder, line: PurchaseLine, row: Arrived) -> list[Change]:
    """What came of a line, by where it lies from now on, at what was paid for it."""
    changes, numbers = [], list(row.serials)
    cost = line.unit_price * purchase.exchange_rate
    for units, kind in (
        (row.good, None),
        (row.damaged, Place.Kind.DAMAGED),
        (row.quarantine, Place.Kind.QUARANTINE),
    ):
        if units:
            where = row.place_id if kind is None else place_id(kind, purchase.warehouse_id)
            mine, numbers = tuple(numbers[:units]), numbers[units:]
            changes.append(Change(line.sku_id, units, cost, where, row.lot, row.expires_on, mine))
    if changes and numbers:  # more than pieces: they are refused with the last of them, not dropped
        changes[-1] = replace(changes[-1], serials=(*changes[-1].serials, *numbers))
    return changes


def _outstanding(line: PurchaseLine) -> int:
    """Units still to come. A damaged one was delivered, but is owed again."""
    return max(0, line.quantity - line.quantity_cancelled - line.quantity_received)


def _check_arrived(
    lines: Mapping[int, PurchaseLine], arrived: Sequence[Arrived], accept_over: bool
) -> None:
    errors = []
    if not any(row.good or row.damaged or row.quarantine for row in arrived):
        raise Invalid(_("Enter what arrived."))
    came: dict[int, int] = {}  # so far, by line: several rows of one are its lots, or its bins
    for n, row in enumerate(arrived):
        line = lines.get(row.line_id)
        if line is None or min(row.good, row.damaged, row.quarantine) < 0:
            detail = _("Not a line of this purchase order, or a quantity below zero.")
            errors.append(FieldError(f"/lines/{n}", "unknown-line", detail))
            continue
        most = line.quantity - line.quantity_cancelled
        came[line.pk] = came.get(line.pk, line.quantity_received) + row.good + row.quarantine
        after = came[line.pk]
        if after > most * (1 + OVER_TOLERANCE) and not accept_over:
            detail = _("%(over)s more than ordered: accept the surplus or send it back.") % {
                "over": after - most
            }
            errors.append(FieldError(f"/lines/{n}/good", "over-delivery", detail))
    if errors:
        raise Invalid(errors[0].detail, errors=errors)


def open_units(status: str, line: PurchaseLine) -> int:
    """What a purchase line adds to `incoming`: nothing unless its order is under way."""
    return _outstanding(line) if status in UNDER_WAY else 0
