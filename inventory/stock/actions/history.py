"""Records past stock adjustments from imports without moving live stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require, require_channel
from inventory.stock.models.documents import StockDocument, StockDocumentLine


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
    require_channel(by, channel_id)
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
