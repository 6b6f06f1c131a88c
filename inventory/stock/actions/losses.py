"""Writes the write-off that waits, where a transfer or a return loses more than one person may lose alone."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from erp.access.models import Actor
from inventory.stock.actions.adjust import sign_document, wait_for_own
from inventory.stock.actions.ledger import Change
from inventory.stock.models.documents import StockDocument, StockDocumentLine
from inventory.stock.models.levels import StockMovement
from inventory.stock.states import DOCUMENT, DocumentStatus


@transaction.atomic(savepoint=False)
def propose_loss(
    *,
    warehouse_id: int,
    goods: Sequence[tuple[StockMovement, Sequence[str]]],
    by: Actor,
    now: datetime,
) -> StockDocument | None:
    """Write a write-off that waits for a second person, where goods weigh more than one person may lose alone.

    goods   the movements to LOST that a transfer or a return would make, at least one and of one cause, not posted;
            each with the serial numbers of its pieces
    None where they weigh less: then nothing is written, and the caller posts them. Where a document is returned the
    goods stay where they are until somebody approves it, and these movements are never posted. What weighs is what
    weighs of any write-off (`weight_of_stock`). The caller has asked for its own right; one that locks levels before
    calls `wait_for_own` before that.
    """
    wait_for_own(by)
    cause = goods[0][0]
    document = StockDocument(
        kind=StockDocument.Kind.WRITE_OFF,
        warehouse_id=warehouse_id,
        cause_type=cause.cause_type,
        cause_id=cause.cause_id,
        reason=cause.reason,
        by=by,
        at=now,
    )
    changes = [Change(row.sku_id, -row.quantity) for row, _numbers in goods]
    if not sign_document(document=document, changes=changes, by=by, now=now):
        return None
    document.save()
    StockDocumentLine.objects.bulk_create(
        StockDocumentLine(
            document=document,
            sku_id=row.sku_id,
            warehouse_id=warehouse_id,
            place_id=row.from_place_id,
            quantity_change=-row.quantity,
            lot_id=row.lot_id,
            serials=list(numbers),
        )
        for row, numbers in goods
    )
    return document


@transaction.atomic(savepoint=False)
def withdraw_loss(*, cause: tuple[str, int], by: Actor, now: datetime) -> None:
    """Reject the write-offs of a transfer that wait: some of what was said to be lost has come."""
    waiting = StockDocument.objects.filter(
        cause_type=cause[0], cause_id=str(cause[1]), status=DocumentStatus.WAITING
    )
    for document in waiting.select_for_update().order_by("pk"):
        document.status = DOCUMENT.next_state(document.status, "reject")
        document.approved_by, document.approved_at = by, now
        document.save(update_fields=["status", "approved_by", "approved_at"])
