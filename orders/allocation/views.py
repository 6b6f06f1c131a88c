"""Shows an order's missing units with arrivals, and buys or transfers goods for it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.once import perform
from erp.web.pages import StaffRequest, page
from inventory.catalogue.queries import skus_named
from inventory.models import PurchaseOrder
from inventory.purchasing.queries import arrivals_of
from orders.allocation.actions.buy import buy_for
from orders.allocation.models import ChoiceOffer
from orders.order.models.order import Order
from orders.order.queries import lacking
from orders.order.states import OPEN
from orders.order.views import find


def shortage(request: StaffRequest, order: Order) -> str:
    """The panel on an order's page: what it waits for, when that comes, and what can be done."""
    missing = lacking(order.pk)
    if not missing:
        return ""
    codes = skus_named(list(missing))
    rows = [
        (codes[sku_id], units, next(iter(arrivals_of(sku_id)), None))
        for sku_id, units in sorted(missing.items(), key=lambda item: codes[item[0]])
    ]
    rights = request.actor.verbs
    context = {
        "order": order,
        "rows": rows,
        "as_lines": "\n".join(f"{code} {units}" for code, units, _soonest in rows),
        "bought": PurchaseOrder.objects.filter(order_number=order.number).order_by("pk")
        if "purchasing.view" in rights
        else [],
        "may_ask": "orders.hold" in rights
        and order.fulfillment_status == "unfulfilled"
        and order.status in OPEN
        and not ChoiceOffer.objects.filter(order=order, status="open").exists(),
        "may_serve": "orders.allocate" in rights and order.status in OPEN,
        "priorities": range(9, -10, -1),
        "may_buy": "purchasing.edit" in rights,
        "may_transfer": "inventory.transfer" in rights,
    }
    return render_to_string("orders/allocation/shortage_panel.html", context, request)


@require_POST
@page("purchasing.edit")
def buy(request: StaffRequest, number: str) -> HttpResponse:
    """Draft purchase orders for what an order lacks."""
    order = find(request, number)
    made = perform(buy_for, order_id=order.pk, by=request.actor, now=timezone.now())
    numbers = ", ".join(purchase.number for purchase in made)
    messages.success(request, _("Created: %(numbers)s.") % {"numbers": numbers})
    return redirect(f"/purchasing/{made[0].number}/")
