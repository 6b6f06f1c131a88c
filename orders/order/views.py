"""Finds the order that a page is about."""

from django.http import Http404

from erp.errors import NotFound
from erp.web.pages import StaffRequest
from orders.order.models.order import Order
from orders.order.queries import find_order, orders_visible_to

# Its verbs


def find(request: StaffRequest, number: str) -> Order:
    """The order of this number that the person may see, or 404."""
    try:
        order = find_order(request.actor, number)
    except NotFound:
        raise Http404 from None
    return orders_visible_to(request.actor).select_related("customer", "channel").get(pk=order.pk)
