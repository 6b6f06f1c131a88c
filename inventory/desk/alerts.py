"""Finds stock alerts for staff: shortfalls, and counts and documents waiting for approval."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db.models import OuterRef, Q, Subquery

from erp.access.models import Company
from erp.notices.kinds import Found
from inventory.catalogue.models import Sku
from inventory.counting.models import StockCount
from inventory.purchasing.models import PurchaseOrder
from inventory.replenishment.actions.order import unpriced
from inventory.replenishment.models import Suggestion
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.levels import StockShortfall
from inventory.stock.models.places import Warehouse

AT_ONCE = 500  # suggestions that are looked at together


def watch(now: datetime) -> Iterator[Found]:
    """Find open shortfalls, counts and documents waiting too long for approval, and what is not ordered by itself."""
    yield from _not_found(now)
    yield from _waiting(now)
    yield from _not_ordered(now)


def _not_found(now: datetime) -> Iterator[Found]:
    """Reserved goods that were not found in the last week."""
    code = Sku.objects.filter(pk=OuterRef("reservation__sku_id")).values("code")
    place = Warehouse.objects.filter(pk=OuterRef("reservation__warehouse_id")).values("code")
    rows = StockShortfall.objects.filter(
        closed_at=None, opened_at__gt=now - timedelta(days=7)
    ).annotate(sku=Subquery(code), warehouse=Subquery(place))
    found = rows.order_by("-pk").values_list("pk", "quantity", "sku", "warehouse")
    for pk, units, sku, warehouse in found.iterator():
        params = {"sku": sku, "units": units, "warehouse": warehouse}
        yield Found("goods_missing", str(pk), params, f"/inventory/{sku}/")


def _waiting(now: datetime) -> Iterator[Found]:
    """Counts, purchase orders and stock documents that nobody has approved in time."""
    hours = approval_hours()
    late = now - timedelta(hours=hours)
    counts = StockCount.objects.filter(status="submitted", submitted_at__lt=late)
    for pk, number in counts.order_by("pk").values_list("pk", "number").iterator():
        yield _late("count", pk, number, hours, f"/stock/counts/{number}/")
    purchases = PurchaseOrder.objects.filter(status="draft", created_at__lt=late)
    for pk, number in purchases.order_by("pk").values_list("pk", "number").iterator():
        yield _late("purchase", pk, number, hours, f"/purchasing/{number}/")
    documents = StockDocument.objects.filter(status="waiting", at__lt=late)
    for pk in documents.order_by("pk").values_list("pk", flat=True).iterator():
        yield _late("document", pk, str(pk), hours, f"/stock/documents/{pk}/")


def _not_ordered(now: datetime) -> Iterator[Found]:
    """What is suggested of a supplier that is ordered from by itself, and has no price; once a week each."""
    year, week, _day = now.isocalendar()
    rows = Suggestion.objects.filter(
        Q(unit_price=None) | Q(unit_price=0),
        purchase=None,
        quantity__gt=0,
        supplier__orders_itself=True,
        supplier__is_active=True,
    ).select_related("sku", "warehouse", "supplier")
    found = rows.order_by("pk").iterator(chunk_size=AT_ONCE)
    while batch := list(islice(found, AT_ONCE)):
        for row in unpriced(batch, now.date()):
            params = {
                "sku": row.sku.code,
                "units": row.quantity,
                "warehouse": row.warehouse.code,
                "supplier": row.supplier.name if row.supplier else "",
            }
            key = f"{row.sku_id}:{row.warehouse_id}:{year}-{week}"
            yield Found("not_ordered", key, params, "/purchasing/suggestions/")


def _late(what: str, pk: int, number: str, hours: int, url: str) -> Found:
    params = {"what": what, "number": number, "hours": hours}
    return Found("approval_late", f"{what}:{pk}", params, url)


def approval_hours() -> int:
    """How many hours an approval may take before somebody else is told."""
    hours = Company.objects.filter(pk=1).values_list("approval_hours", flat=True).first()
    return hours or 24
