"""Weighs changes of stock: what they are worth, with what the same person changed of a SKU in a day."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.approvals.models import ApprovalKind
from erp.approvals.queries import (
    NOTHING,
    Weight,
    accounts_of,
    limits,
    ruling_of,
    summed,
    worded,
)
from inventory.stock.models.documents import StockDocument, StockDocumentLine
from inventory.stock.models.levels import StockMovement
from inventory.stock.models.places import Place, Warehouse
from inventory.stock.states import DocumentStatus

COUNTS_TOGETHER = timedelta(hours=24)
COSTS_LAST = timedelta(days=30)  # how long a fallen cost does not make a loss small
ZERO = Decimal(0)


class Units(NamedTuple):
    """Signed units of a SKU, and what each is said to cost (None: as the ledger has it)."""

    sku_id: int
    quantity: int
    unit_cost: Decimal | None = None


Costs = Mapping[int, Decimal]


# The average of now, and what it was before each entry of the last weeks.
HIGHEST = """
SELECT sku_id, max(average) FROM (
    SELECT sku_id, value / quantity AS average FROM inventory_skucost WHERE sku_id = ANY(%(skus)s) AND quantity > 0
    UNION ALL
    SELECT sku_id, CASE WHEN quantity > 0 THEN value / quantity END FROM (
        SELECT e.sku_id, c.quantity - sum(e.quantity) OVER before AS quantity,
               c.value - sum(e.value) OVER before AS value
        FROM inventory_costentry e JOIN inventory_skucost c ON c.sku_id = e.sku_id
        WHERE e.sku_id = ANY(%(skus)s) AND e.at > %(since)s
        WINDOW before AS (PARTITION BY e.sku_id ORDER BY e.id DESC)) was) averages
GROUP BY sku_id HAVING max(average) IS NOT NULL
"""


def value_of(sku_ids: Iterable[int], now: datetime) -> dict[int, Decimal]:
    """The highest moving average cost of a unit within weeks, by SKU id, in the company's currency.

    Weighed by the average of now, whoever received a hundred thousand units for a tenth of a cent first wrote off
    alone what was dear.
    """
    with connection.cursor() as cursor:
        cursor.execute(HIGHEST, {"skus": list(sku_ids), "since": now - COSTS_LAST})
        return dict(cursor.fetchall())


def weight_of_stock(
    warehouse_id: int,
    changes: Sequence[Units],
    *,
    proposer: int,
    is_job: bool = False,
    now: datetime,
    but: int = 0,
) -> Weight:
    """What a change of stock is compared with: its decreases and its increases, each with their limit.

    of each   the value of the whole, or of one SKU with what the same person changed of it within a day: ten small
              write-offs are one large one
    but       the document that is weighed itself
    What nobody knows the cost of is of unknown value. The warehouse's own limit holds of the whole, too,
    but not for jobs.
    """
    set_limits = limits()
    own = Warehouse.objects.values_list("approval_over", flat=True).get(pk=warehouse_id)
    own = None if is_job else own
    if own is None and not set_limits:
        return NOTHING
    costs = value_of({change.sku_id for change in changes}, now)
    for kind, sign in ((ApprovalKind.WRITE_OFF, -1), (ApprovalKind.ADJUSTMENT, 1)):
        mine = [change for change in changes if change.quantity * sign > 0]
        if mine and kind in set_limits:
            before = _changed_before(mine, sign, proposer, now, but)
            weight = Weight(_most(mine, before, costs), set_limits[kind])
            if weight.needs_second_person:
                return weight
    if own is None:
        return NOTHING
    net: dict[int, int] = {}
    for change in changes:
        net[change.sku_id] = net.get(change.sku_id, 0) + change.quantity
    whole = sum((abs(n) * costs.get(sku, ZERO) for sku, n in net.items()), ZERO)
    # Of the warehouse's limit nought is not "always": it lets nothing of any known value pass.
    return Weight(whole, own) if whole > own else NOTHING


def _most(mine: Sequence[Units], before: Sequence[Units], costs: Costs) -> Decimal | None:
    """The value of the whole, or of what counts together of one SKU: the greater."""
    whole = summed(_worth(change, costs) for change in mine)
    of_skus = [
        summed(_worth(x, costs) for x in (*mine, *before) if x.sku_id == sku)
        for sku in {change.sku_id for change in mine}
    ]
    known = [amount for amount in (whole, *of_skus) if amount is not None]
    return max(known) if len(known) == 1 + len(of_skus) else None


def _worth(change: Units, costs: Costs) -> Decimal | None:
    cost = costs.get(change.sku_id)
    if change.unit_cost and change.quantity > 0:
        cost = max(change.unit_cost, cost or ZERO)
    return abs(change.quantity) * cost if cost else None  # nought is a cost that nobody has said


def _changed_before(
    mine: Sequence[Units], sign: int, proposer: int, now: datetime, but: int
) -> list[Units]:
    """What a person changed of these SKUs within a day, in the same direction.

    Documents, as they were written; of everything else (counts, transfers closed short, scrapped returns) what went to
    LOST or came from it: a way out that only its own door counted would be as wide as all the doors together.
    """
    skus, since = {change.sku_id for change in mine}, now - COUNTS_TOGETHER
    lines = StockDocumentLine.objects.filter(
        document__proposed_for=proposer,
        document__at__gt=since,
        document__purchase=None,
        document__is_history=False,
        sku__in=skus,
    )
    lines = lines.exclude(document=but).exclude(document__status=DocumentStatus.REJECTED)
    lines = lines.exclude(document__kind=StockDocument.Kind.MOVE)
    rows = lines.values_list("sku_id", "quantity_change", "unit_value")
    found = [Units(*row) for row in rows if row[1] * sign > 0]
    others = StockMovement.objects.filter(
        sku__in=skus, at__gt=since, by__in=accounts_of(proposer)
    ).exclude(cause_type__in=StockDocument.Kind.values)
    end = "to_place__kind" if sign < 0 else "from_place__kind"
    moved = others.filter(**{end: Place.Kind.LOST}).values_list("sku_id", "quantity")
    return found + [Units(sku, n * sign) for sku, n in moved]


def weight_of_document(document: StockDocument, now: datetime) -> Weight:
    """What a document that waits is compared with."""
    rows = document.lines.values_list("sku_id", "quantity_change", "unit_value")
    return weight_of_stock(
        document.warehouse_id or 0,
        [Units(*row) for row in rows],
        proposer=document.proposed_for_id or document.by_id,
        now=now,
        but=document.pk,
    )


def why_not_approved(document: StockDocument, actor: Actor, now: datetime) -> str:
    """Why an actor may not approve a document that waits, in words; "" where nothing keeps them from it."""
    weight = weight_of_document(document, now)
    return worded(ruling_of(document, weight, actor), weight.limit)


def said_of(done: str) -> Callable[[StockDocument], str]:
    """What is said of a document that somebody wrote: that it is done, or that it waits for another person."""

    def said(document: StockDocument) -> str:
        if document.status == DocumentStatus.WAITING:
            return _("Waiting for approval. Nothing has moved yet.")
        return done

    return said
