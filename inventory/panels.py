"""What inventory puts on shared pages: finding a SKU by code or barcode."""

from urllib.parse import quote

from django.db.models import Q

from erp.access.models import Actor
from inventory.models import Sku


def find(text: str, actor: Actor) -> str:
    """The page of the SKU with exactly this code or barcode."""
    match = Q(code=text)
    if text.isdecimal() and len(text) >= 8:
        match |= Q(barcode=text)
    sku = Sku.objects.filter(match).first()
    return f"/inventory/{quote(sku.code, safe='')}/" if sku else ""
