"""Drafts purchase orders for the units that one customer's order lacks."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid
from erp.reasons import reason
from inventory.catalogue.models import Sku
from inventory.purchasing.actions.purchase import Wanted, draft_purchase
from inventory.purchasing.models import PurchaseLine, PurchaseOrder
from inventory.replenishment.actions.suggest import first_priced, preferred_sellers


@transaction.atomic(savepoint=False)
def buy_for_order(
    *,
    order_number: str,
    missing: Mapping[int, int],
    warehouse_id: int,
    by: Actor,
    now: datetime,
) -> list[PurchaseOrder]:
    """Draft purchase orders for what an order lacks, one a supplier, in packs and least quantities.

    missing   units by SKU id; what drafts and orders under way bring for this order counts
    Raises Invalid for SKUs that nobody sells us, Conflict when everything is bought already.
    """
    require(by, "purchasing.edit")
    bought = PurchaseLine.objects.filter(
        purchase__order_number=order_number, sku_id__in=missing
    ).exclude(purchase__status="cancelled")
    left = dict(missing)
    for sku_id, units, called_off in bought.values_list("sku_id", "quantity", "quantity_cancelled"):
        left[sku_id] -= units - called_off
    left = {sku_id: units for sku_id, units in left.items() if units > 0}
    if not left:
        raise Conflict(_("The missing goods have already been ordered for this order."))
    sellers = preferred_sellers(sorted(left), now.date())
    if unsold := set(left) - set(sellers):
        codes = ", ".join(
            Sku.objects.filter(pk__in=unsold).order_by("code").values_list("code", flat=True)
        )
        raise Invalid(
            _("%(skus)s has no supplier whose terms hold today: add one first.") % {"skus": codes}
        )
    wanted: dict[int, list[Wanted]] = defaultdict(list)
    for sku_id, units in sorted(left.items()):
        (supplier, steps), quantity = first_priced(sellers[sku_id], units)
        moq, pack = steps[0].moq, steps[0].pack_size
        why = reason(
            "for_order", order=order_number, wanted=units, moq=moq, pack=pack, quantity=quantity
        )
        wanted[supplier.pk].append(Wanted(sku_id, quantity, None, (why,)))
    return [
        draft_purchase(
            supplier_id=supplier_id,
            warehouse_id=warehouse_id,
            wanted=rows,
            order_number=order_number,
            by=by,
            now=now,
        )
        for supplier_id, rows in sorted(wanted.items())
    ]
