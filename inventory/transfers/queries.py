"""Reads transfers for pages and the API, with the write-offs of what they lost."""

from django.db.models import QuerySet

from erp.access.models import Actor
from inventory.stock.models.documents import StockDocument
from inventory.stock.queries import write_offs_of
from inventory.stock.states import DocumentStatus
from inventory.transfers.document import transfer_document
from inventory.transfers.models import Transfer

CAUSE = "transfer"  # as movements and stock documents name a transfer


def transfers() -> QuerySet[Transfer]:
    """Transfers with all that their document shows."""
    rows = Transfer.objects.select_related("from_warehouse", "to_warehouse", "by")
    return rows.prefetch_related("lines__sku").annotate(**write_offs_of(CAUSE))


def read_transfer(pk: int, _actor: Actor | None = None) -> dict[str, object]:
    """The document of one transfer."""
    return transfer_document(transfers().get(pk=pk))


def waits_for_approval(transfer: Transfer) -> bool:
    """Whether a write-off of what a transfer misses waits for a second person."""
    rows = StockDocument.objects.filter(cause_type=CAUSE, cause_id=str(transfer.pk))
    return rows.filter(status=DocumentStatus.WAITING).exists()


def page_of_transfer(pk: int) -> str | None:
    """The path of a transfer's page, by its primary key; None when there is none."""
    number = Transfer.objects.filter(pk=pk).values_list("number", flat=True).first()
    return f"/stock/transfers/{number}/" if number else None
