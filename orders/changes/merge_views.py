"""Shows the merge panel of an order and the page to split it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from erp.errors import DomainError
from erp.once import perform
from erp.web.pages import StaffRequest, page, words_of
from orders.changes.actions.merge import mergeable, merged_into, siblings_of
from orders.changes.actions.split import split_order
from orders.changes.decisions.merge import warnings
from orders.order.models.move import OrderMove
from orders.order.models.order import Order, OrderLine
from orders.order.states import OPEN
from orders.order.views import find
from orders.order.wording import reason_of_move, sentence


def company(request: StaffRequest, order: Order) -> str:
    """Show the merge panel: merged orders, and orders that could ship with this one."""
    rights = request.actor.verbs
    moves = OrderMove.objects.filter(undone_at=None).select_related("source", "target", "by")
    came = list(moves.filter(target=order).order_by("pk"))
    went = list(moves.filter(source=order).order_by("pk"))
    others = siblings_of(order) if "orders.edit" in rights and not order.is_sealed else []
    if not (came or went or others):
        return ""
    for move in (*came, *went):
        move.why = reason_of_move(move.reason)
    own = mergeable(order) if others else None
    context = {
        "order": order,
        "came": came,
        "went": went,
        "merged_into": merged_into(order),
        "others": [
            (x, [sentence(w) for w in warnings([own, mergeable(x)])]) for x in others if own
        ],
        "may_edit": "orders.edit" in rights and order.fulfillment_status == "unfulfilled",
    }
    return render_to_string("orders/changes/merge_panel.html", context, request)


@never_cache
@page("orders.edit")
def split(request: StaffRequest, number: str) -> HttpResponse:
    """Say which units go into a new order."""
    order = find(request, number)
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    lines = [line for line in lines if line.quantity_ordered > line.quantity_cancelled]
    said = {line.pk: request.POST.get(f"units-{line.pk}", "").strip() for line in lines}
    why, status = "", 200
    if request.method == "POST":
        wrong = any(text and not (text.isdecimal() and len(text) < 8) for text in said.values())
        try:
            if not wrong:
                made = perform(
                    split_order,
                    order_id=order.pk,
                    units={pk: int(text) for pk, text in said.items() if text and int(text)},
                    short_first=request.POST.get("short_first") == "1",
                    reason=request.POST.get("reason", ""),
                    by=request.actor,
                    now=timezone.now(),
                )
                return redirect(f"/orders/{made.number}/")
            why, status = _("A quantity is a whole number."), 422
        except DomainError as refusal:
            why, status = words_of(refusal), refusal.status
    context = {
        "order": order,
        "lines": [(line, said[line.pk]) for line in lines],
        "why": why,
        "reason": request.POST.get("reason", ""),
        "is_open": order.status in OPEN,
        "has_short": any(line.quantity_backordered for line in lines),
    }
    return render(request, "orders/changes/split.html", context, status=status)
