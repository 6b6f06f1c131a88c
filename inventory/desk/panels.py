"""Adds inventory to shared pages: its work queues, SKU search by code or barcode."""

from urllib.parse import quote

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.web.queues import Queue
from inventory.catalogue.models import Sku
from inventory.counting.models import StockCount
from inventory.purchasing.models import PurchaseOrder
from inventory.purchasing.states import UNDER_WAY
from inventory.stock.models.documents import StockDocument

QUEUES = (
    Queue(
        _("Stock changes to approve"),
        "/stock/documents/?status=waiting",
        "inventory.approve",
        lambda: StockDocument.objects.filter(status="waiting"),
        stage="inventory",
        is_approval=True,
    ),
    Queue(
        _("Counts to approve"),
        "/stock/counts/?status=submitted",
        "inventory.approve",
        lambda: StockCount.objects.filter(status="submitted"),
        stage="inventory",
        is_approval=True,
    ),
    Queue(
        _("Purchase orders to approve"),
        "/purchasing/?status=draft",
        "purchasing.approve",
        lambda: PurchaseOrder.objects.filter(status="draft"),
        stage="purchasing",
        is_approval=True,
    ),
    Queue(
        _("Late purchase orders"),
        "/purchasing/?late=1",
        "purchasing.view",
        lambda: PurchaseOrder.objects.filter(
            status__in=UNDER_WAY, expected_on__lt=timezone.localdate()
        ),
        stage="purchasing",
        alarming=True,
    ),
)


def find(text: str, actor: Actor) -> str:
    """The page of the SKU with exactly this code or barcode."""
    match = Q(code=text)
    if text.isdecimal() and len(text) >= 8:
        match |= Q(barcode=text)
    sku = Sku.objects.filter(match).first()
    return f"/inventory/{quote(sku.code, safe='')}/" if sku else ""


def suggest(text: str, actor: Actor) -> list[tuple[str, str, str, str]]:
    """A few SKUs by the beginning of their code, a part of their name, or their barcode."""
    if "inventory.view" not in actor.verbs:
        return []
    skus = Sku.objects.filter(is_active=True).filter(
        Q(code__istartswith=text)
        | Q(name__icontains=text)
        | Q(translations__texts__icontains=text)
        | Q(barcode=text)
    )
    return [
        (sku.code, sku.local_name, f"/inventory/{quote(sku.code, safe='')}/", "")
        for sku in skus.order_by("code")[:4]
    ]
