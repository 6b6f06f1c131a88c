"""Allocates landed cost: adds freight, duty and insurance to the value of received goods."""

import json
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import own_currency, require
from erp.errors import FieldError, Invalid
from erp.queries import find_one
from inventory.purchasing.decisions import spread_cost
from inventory.purchasing.models import PurchaseOrder
from inventory.stock.actions.amounts import flaw_of_sum, refuse
from inventory.stock.models.documents import StockDocumentLine

BASES = ("value", "weight")


@transaction.atomic(savepoint=False)
def land_cost(
    *, purchase_id: int, amount: Decimal, basis: str, by: Actor, now: datetime
) -> Decimal:
    """Allocate a cost to the received goods of a purchase order, by value or by weight.

    amount   in the company's currency, above zero
    Returns what could not be spread, because those units have left already (an expense).
    Raises Invalid, NotFound.
    """
    require(by, "costs.edit")
    purchase = find_one(PurchaseOrder.objects.select_for_update().filter(pk=purchase_id))
    if amount <= 0 or basis not in BASES:
        detail = _("An amount above zero, spread by value or by weight.")
        field = "/basis" if amount > 0 else "/amount"
        raise Invalid(detail, errors=[FieldError(field, "out-of-range", detail)])
    refuse(flaw_of_sum(amount, own_currency()), "/amount")
    units: dict[int, int] = {}
    weights: dict[int, Decimal] = {}
    for line in StockDocumentLine.objects.filter(
        document__purchase=purchase, document__kind="receipt"
    ).select_related("sku"):
        each = line.unit_value if basis == "value" else Decimal(line.sku.weight_g)
        units[line.sku_id] = units.get(line.sku_id, 0) + line.quantity_change
        weights[line.sku_id] = weights.get(line.sku_id, Decimal(0)) + each * line.quantity_change
    shares = spread_cost(amount, weights)
    if not shares:
        raise Invalid(_("Nothing of this purchase order has arrived yet."))
    rows = [
        {"sku_id": sku, "units": units[sku], "amount": str(share)} for sku, share in shares.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inventory_land_cost(%s::jsonb, %s, %s)",
            [json.dumps(rows), f"purchase:{purchase.pk}", now],
        )
        return Decimal(cursor.fetchone()[0])
