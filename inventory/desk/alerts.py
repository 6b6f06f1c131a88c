"""Finds stock alerts for staff: shortfalls, and counts and documents waiting for approval."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from erp.access.models import Company
from erp.notices.kinds import Found
from inventory.catalogue.models import Sku
from inventory.counting.models import StockCount
from inventory.purchasing.models import PurchaseOrder
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.levels import StockShortfall
from inventory.stock.models.places import Warehouse


def watch(now: datetime) -> Iterator[Found]:
    """Find open shortfalls, and counts and documents waiting too long for approval."""
    yield from _not_found(now)
    yield from _waiting(now)


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


def _late(what: str, pk: int, number: str, hours: int, url: str) -> Found:
    params = {"what": what, "number": number, "hours": hours}
    return Found("approval_late", f"{what}:{pk}", params, url)


def approval_hours() -> int:
    """How many hours an approval may take before somebody else is told."""
    hours = Company.objects.filter(pk=1).values_list("approval_hours", flat=True).first()
    return hours or 24
