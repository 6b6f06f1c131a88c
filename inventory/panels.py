"""What inventory puts on shared pages: finding a SKU by code or barcode."""

from urllib.parse import quote

from django.db.models import Q

from erp.access.models import Actor
from inventory.lists import shown_name
from inventory.models import Sku


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
        | Q(name_zh__icontains=text)
        | Q(barcode=text)
    )
    return [
        (sku.code, shown_name(sku), f"/inventory/{quote(sku.code, safe='')}/", "")
        for sku in skus.order_by("code")[:4]
    ]
