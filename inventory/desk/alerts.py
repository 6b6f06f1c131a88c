"""Finds stock alerts for staff: shortfalls, and counts and documents waiting for approval."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from erp.access.models import Company
from erp.notices.kinds import Found
from inventory.catalogue.models import Sku
from inventory.counting.models import StockCount
from inventory.purchasing.models import PurchaseOrder
from inventory.stock.models.documents import StockDocument
from inventory.stock.models.levels import StockShortfall
from inventory.stock.models.places import Warehouse

MOST = 200


def watch(now: datetime) -> Iterator[Found]:
    """Find open shortfalls, and counts and documents waiting too long for approval."""
    short = StockShortfall.objects.filter(closed_at=None, opened_at__gt=now - timedelta(days=7))
    rows = list(short.select_related("reservation").order_by("-pk")[:MOST])
    skus = Sku.objects.in_bulk({row.reservation.sku_id for row in rows})
    places = Warehouse.objects.in_bulk({row.reservation.warehouse_id for row in rows})
    for row in rows:
        sku = skus[row.reservation.sku_id]
        yield Found(
            "goods_missing",
            str(row.pk),
            {
                "sku": sku.code,
                "units": row.quantity,
                "warehouse": places[row.reservation.warehouse_id].code,
            },
            f"/inventory/{sku.code}/",
        )
    hours = approval_hours()
    late = now - timedelta(hours=hours)
    counts = StockCount.objects.filter(status="submitted", submitted_at__lt=late)
    for count in counts.order_by("pk")[:MOST]:
        params = {"what": "count", "number": count.number, "hours": hours}
        yield Found("approval_late", f"count:{count.pk}", params, f"/stock/counts/{count.number}/")
    for purchase in PurchaseOrder.objects.filter(status="draft", created_at__lt=late).order_by(
        "pk"
    )[:MOST]:
        params = {"what": "purchase", "number": purchase.number, "hours": hours}
        yield Found(
            "approval_late",
            f"purchase:{purchase.pk}",
            params,
            f"/purchasing/{purchase.number}/",
        )
    documents = StockDocument.objects.filter(status="waiting", at__lt=late)
    for document in documents.order_by("pk")[:MOST]:
        params = {"what": "document", "number": str(document.pk), "hours": hours}
        yield Found(
            "approval_late",
            f"document:{document.pk}",
            params,
            f"/stock/documents/{document.pk}/",
        )


def approval_hours() -> int:
    """How many hours an approval may take before somebody else is told."""
    hours = Company.objects.filter(pk=1).values_list("approval_hours", flat=True).first()
    return hours or 24
