"""Approves and rejects stock documents that wait; the transfer that one is of follows."""

from datetime import datetime

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from erp.approvals.actions import SIGNED, sign_approval
from erp.queries import find_one
from inventory.stock.actions.adjust import post_document
from inventory.stock.approvals import weight_of_document
from inventory.stock.models.documents import StockDocument
from inventory.stock.states import DOCUMENT
from inventory.transfers.actions import close_short, lock_transfer
from inventory.transfers.queries import CAUSE


@transaction.atomic(savepoint=False)
def approve_document(*, document_id: int, by: Actor, now: datetime) -> StockDocument:
    """Post a document that waits. Not by whoever wrote it. Raises SecondPersonNeeded, OutOfStock.

    A transfer whose missing units it writes off is closed short.
    """
    require(by, "inventory.approve")
    document = _locked(document_id)
    document.status = DOCUMENT.next_state(document.status, "approve")
    sign_approval(row=document, weight=weight_of_document(document, now), by=by)
    document.approved_by, document.approved_at = by, now
    document.save(update_fields=["status", "approved_by", "approved_at", *SIGNED])
    post_document(document=document, by=by, now=now)
    if document.cause_type == CAUSE:
        close_short(document=document, now=now)
    return document


@transaction.atomic(savepoint=False)
def reject_document(*, document_id: int, by: Actor, now: datetime) -> StockDocument:
    """Refuse a document that waits; nothing moves.

    What a transfer misses stays in transit, to be received after all; what a return brought stays in quarantine.
    """
    require(by, "inventory.approve")
    document = _locked(document_id)
    document.status = DOCUMENT.next_state(document.status, "reject")
    document.approved_by, document.approved_at = by, now
    document.save(update_fields=["status", "approved_by", "approved_at"])
    return document


def _locked(document_id: int) -> StockDocument:
    """Lock a document behind the transfer it is of: receiving locks them in that order, too. Raises NotFound."""
    rows = StockDocument.objects.filter(pk=document_id)
    found = find_one(rows)
    if found.cause_type == CAUSE:
        lock_transfer(transfer_id=int(found.cause_id))
    return rows.select_for_update().get()
