"""Buys what an order lacks."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict
from inventory.purchasing.models import PurchaseOrder
from inventory.replenishment.actions.buy_for_order import buy_for_order
from inventory.stock.queries import preferred_warehouse
from orders.order.actions.timeline import lock_order
from orders.order.queries import lacking


@transaction.atomic(savepoint=False)
def buy_for(*, order_id: int, by: Actor, now: datetime) -> list[PurchaseOrder]:
    """Draft purchase orders for what an order lacks, one a supplier.

    Raises Conflict where it lacks nothing or all is bought already, Invalid for SKUs that nobody sells us.
    """
    require(by, "purchasing.edit")
    order = lock_order(order_id)
    missing, home = lacking(order.pk), preferred_warehouse()
    if not missing or home is None:
        raise Conflict(_("Nothing is missing from this order."))
    return buy_for_order(
        order_number=order.number, missing=missing, warehouse_id=home, by=by, now=now
    )
