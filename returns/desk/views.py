"""Shows returns and refunds in the dashboard."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.bounds import read_whole
from erp.verbs import allowed_verbs
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from erp.web.verbs import offers
from inventory.stock.queries import write_offs_told
from orders.order.queries import find_order
from returns.refunds.actions.propose import propose_refund
from returns.refunds.lists import REFUNDS
from returns.refunds.models import Refund
from returns.rma import actions as rma_actions
from returns.rma.lists import RETURNS
from returns.rma.models import ReturnAuthorization
from returns.rma.queries import returns_visible_to, with_write_offs
from returns.rma.states import Disposition, ReturnReason
from returns.rma.wishes import Wish


@page("returns.view")
def return_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, RETURNS)


@page("refunds.view")
def refund_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, REFUNDS)


@page("returns.view")
def return_page(request: StaffRequest, number: str) -> HttpResponse:
    row = _return(request, number)
    refunds = Refund.objects.filter(authorization=row).order_by("pk")
    return render(
        request,
        "returns/desk/return.html",
        {
            "row": row,
            "reasons": dict(ReturnReason.choices),
            "write_offs": write_offs_told(row.write_offs),
            "may_open": "inventory.view" in request.actor.verbs,
            "lines": row.lines.select_related("sku").order_by("pk"),
            "refunds": [(refund, _refund_verbs(refund, request)) for refund in refunds],
            "offers": offers("return", row, None, request.actor) if row.order_id else None,
            "verbs": [v.name for v in allowed_verbs("return", row.status, None, request.actor)]
            if row.order_id
            else [],
            "dispositions": [(v, label) for v, label in Disposition.choices if v != "keep"],
            "may_refund": "refunds.propose" in request.actor.verbs and row.order_id,
        },
    )


def _refund_verbs(refund: Refund, request: StaffRequest) -> list[tuple[str, str]]:
    """What may be done with a refund, and what keeps this person from it ("" where nothing does)."""
    verbs = allowed_verbs("refund", refund.status, None, request.actor)
    return [(verb.name, verb.hindrance(refund, request.actor)) for verb in verbs]


def _return(request: StaffRequest, number: str) -> ReturnAuthorization:
    row = with_write_offs(returns_visible_to(request.actor)).filter(number=number).first()
    if row is None:
        raise Http404
    return row


@require_POST
@page("returns.view")
def request_return(request: StaffRequest, number: str) -> HttpResponse:
    """Ask for a return from an order's page: a quantity for each line."""
    order = find_order(request.actor, number)
    wishes = [
        Wish(line.pk, units, request.POST.get("reason", "other"))
        for line in order.lines.order_by("position")
        if (units := read_whole(request.POST.get(name := f"line-{line.pk}", ""), f"/{name}"))
    ]
    return take(
        request,
        rma_actions.request_return,
        _("Return requested."),
        f"/orders/{order.number}/",
        order_id=order.pk,
        wishes=wishes,
        note=request.POST.get("note", ""),
    )


@require_POST
@page("returns.view")
def propose(request: StaffRequest, number: str) -> HttpResponse:
    """Propose to pay back what a return brought."""
    row = _return(request, number)
    if not row.order_id:
        raise Http404
    return take(
        request,
        propose_refund,
        _("Refund proposed."),
        f"/returns/{row.number}/",
        order_id=row.order_id,
        return_id=row.pk,
        reason="return",
    )
