"""Reads arrivals, and why a purchase order cannot be approved."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.approvals.models import ApprovalKind
from erp.approvals.queries import (
    NOTHING,
    Weight,
    in_own_currency,
    limit_of,
    ruling_of,
    summed,
    worded,
)
from erp.money import shown
from inventory.catalogue.decisions import Arrival
from inventory.purchasing.models import PurchaseLine, PurchaseOrder
from inventory.purchasing.states import PurchaseStatus
from inventory.transfers.models import TransferLine

COUNTS_TOGETHER = timedelta(hours=24)


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


def weight_of_purchase(purchase: PurchaseOrder, now: datetime) -> Weight:
    """What a purchase order is compared with: all that its proposer ordered from the supplier within a day.

    The limit of its warehouse holds of the order alone. A foreign currency is worth what its dated rate says; where
    nobody has said one, a second person is needed.
    """
    set_limit, own = limit_of(ApprovalKind.PURCHASE), purchase.warehouse.purchase_approval_over
    if set_limit is not None:
        others = PurchaseOrder.objects.filter(
            supplier=purchase.supplier_id,
            proposed_for=purchase.proposed_for_id,
            created_at__gt=purchase.created_at - COUNTS_TOGETHER,
            created_at__lt=purchase.created_at + COUNTS_TOGETHER,
        )
        others = others.exclude(pk=purchase.pk).exclude(status=PurchaseStatus.CANCELLED)
        every = [*others.values_list("total", "currency"), (purchase.total, purchase.currency)]
        amount = summed(in_own_currency(total, code, now.date()) for total, code in every)
        weight = Weight(amount, set_limit)
        if weight.needs_second_person:
            return weight
    if own is None:
        return NOTHING
    return Weight(in_own_currency(purchase.total, purchase.currency, now.date()), own)


def why_not_approved(purchase: PurchaseOrder, actor: Actor, now: datetime) -> str:
    """What keeps somebody from approving a purchase order, in words; "" when nothing does."""
    if why := below_least(purchase):
        return why
    weight = weight_of_purchase(purchase, now)
    return worded(ruling_of(purchase, weight, actor), weight.limit)


def below_least(purchase: PurchaseOrder) -> str:
    """That a purchase order is worth less than its supplier takes, in words; "" where it is not."""
    supplier = purchase.supplier
    if purchase.total >= supplier.min_order_value:
        return ""
    return _("%(supplier)s has a minimum order of %(least)s.") % {
        "supplier": supplier.name,
        "least": shown(supplier.min_order_value, supplier.currency, get_language() or "en"),
    }
