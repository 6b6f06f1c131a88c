"""Shows backordered orders on the pages of purchase orders and SKUs."""

from django.template.loader import render_to_string

from erp.web.pages import StaffRequest
from inventory.catalogue.decisions import by_date
from inventory.catalogue.queries import skus_named
from inventory.purchasing.models import PurchaseOrder
from inventory.purchasing.queries import arrivals_of
from inventory.stock.queries import availability
from orders.allocation import decisions as allocation_decisions
from orders.allocation.queries import orders_at_risk, waiting_lines
from orders.order.models.order import Order

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
    waiting = allocation_decisions.queue(waiting_lines([sku_id]))
    arrivals = arrivals_of(sku_id)
    if not waiting and not arrivals:
        return ""
    owed = sum(row.quantity * each for row in waiting for sku, each in row.made_of if sku == sku_id)
    code = skus_named([sku_id])[sku_id]
    free = availability(codes=[code])[0]["available"]
    numbers = dict(
        Order.objects.filter(pk__in=[row.order_id for row in waiting[:WAITING]]).values_list(
            "pk", "number"
        )
    )
    context = {
        "days": by_date(free, owed, arrivals),
        "owed": owed,
        "waiting": [(numbers[row.order_id], row) for row in waiting[:WAITING]],
        "more": max(0, len(waiting) - WAITING),
    }
    return render_to_string("orders/allocation/promise_panel.html", context, request)
