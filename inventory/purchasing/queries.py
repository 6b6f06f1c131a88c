"""Reads arrivals, and why a purchase order cannot be approved."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import own_currency
from erp.money import shown
from inventory.catalogue.decisions import Arrival
from inventory.purchasing.models import PurchaseLine, PurchaseOrder
from inventory.transfers.models import TransferLine


def arrivals(sku_ids: Collection[int]) -> dict[int, list[Arrival]]:
    """Return expected arrivals by SKU id, the soonest first."""
    bought = PurchaseLine.objects.filter(sku_id__in=sku_ids, quantity_incoming__gt=0)
    moved = TransferLine.objects.filter(sku_id__in=sku_ids, quantity_incoming__gt=0)
    rows = [
        *bought.values_list("sku_id", "expected_on", "quantity_incoming", "purchase__number"),
        *moved.values_list(
            "sku_id", "transfer__expected_on", "quantity_incoming", "transfer__number"
        ),
    ]
    found: dict[int, list[Arrival]] = {sku_id: [] for sku_id in sku_ids}
    for sku_id, on, units, source in rows:
        found[sku_id].append(Arrival(on.isoformat() if on else "", units, source))
    for coming in found.values():
        coming.sort(key=lambda a: (a.on == "", a.on, a.source))
    return found


def arrivals_of(sku_id: int) -> list[Arrival]:
    """What is coming of a SKU from purchase orders and transfers, the soonest first."""
    return arrivals([sku_id])[sku_id]


def purchases_named(ids: Sequence[int]) -> dict[int, str]:
    """Purchase orders' numbers as events name them, by primary key."""
    return dict(PurchaseOrder.objects.filter(pk__in=ids).values_list("pk", "number"))


def why_not_approved(purchase: PurchaseOrder, actor: Actor) -> str:
    """What keeps somebody from approving a purchase order, in words; "" when nothing does.

    A foreign currency is worth what it was at the last order sent in it; with no such order the
    limit counts as passed, so that an unknown rate lets nothing through.
    """
    supplier, limit = purchase.supplier, purchase.warehouse.purchase_approval_over
    if purchase.total < supplier.min_order_value:
        return _("%(supplier)s has a minimum order of %(least)s.") % {
            "supplier": supplier.name,
            "least": shown(supplier.min_order_value, supplier.currency, get_language() or "en"),
        }
    if limit is None or purchase.by_id != actor.pk:
        return ""
    own = own_currency()
    rate: Decimal | None = Decimal(1)
    if purchase.currency != own:
        sent = PurchaseOrder.objects.filter(currency=purchase.currency, sent_at__isnull=False)
        rate = sent.order_by("-pk").values_list("exchange_rate", flat=True).first()
    if rate is not None and purchase.total * rate <= limit:
        return ""
    return _("Above %(limit)s someone else has to approve this.") % {
        "limit": shown(limit, own, get_language() or "en")
    }
