"""Shows backordered orders on the pages of purchase orders and SKUs."""

from django.template.loader import render_to_string

from erp.web.pages import StaffRequest
from inventory.catalogue.decisions import by_date
from inventory.catalogue.queries import skus_named
from inventory.purchasing.models import PurchaseOrder
from inventory.purchasing.queries import arrivals_of
from inventory.stock.queries import availability
from orders.allocation.queries import lines_waiting, orders_at_risk, waiting_lines
from orders.order.models.order import Order
from orders.order.queries import waiting_for

WAITING = 20  # orders named on a stock card


def risks_of_purchase(request: StaffRequest, purchase: PurchaseOrder) -> str:
    """The panel on a purchase order's page: orders promised earlier than its goods come."""
    if "orders.view" not in request.actor.verbs:
        return ""
    rows = orders_at_risk(purchase.pk)
    return (
        render_to_string("orders/allocation/risk_panel.html", {"rows": rows}, request)
        if rows
        else ""
    )


def promises_of_sku(request: StaffRequest, sku_id: int) -> str:
    """The panel on a stock card: who waits for the SKU, and what can be promised on which day."""
    if "orders.view" not in request.actor.verbs:
        return ""
    waiting = list(waiting_lines([sku_id], most=WAITING))
    arrivals = arrivals_of(sku_id)
    if not waiting and not arrivals:
        return ""
    owed = waiting_for([sku_id]).get(sku_id, 0)
    code = skus_named([sku_id])[sku_id]
    free = availability(codes=[code])[0]["available"]
    numbers = dict(
        Order.objects.filter(pk__in=[row.order_id for row in waiting]).values_list("pk", "number")
    )
    context = {
        "days": by_date(free, owed, arrivals),
        "owed": owed,
        "waiting": [(numbers[row.order_id], row) for row in waiting],
        "more": lines_waiting([sku_id]).count() - len(waiting),
    }
    return render_to_string("orders/allocation/promise_panel.html", context, request)
