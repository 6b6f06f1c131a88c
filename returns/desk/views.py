"""Returns and refunds in the dashboard."""

from collections.abc import Callable

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from orders.order.queries import find_order
from returns.refunds.actions import approve_refund, complete_refund, propose_refund, reject_refund
from returns.refunds.lists import REFUNDS
from returns.refunds.models import Refund
from returns.refunds.queries import refunds_visible_to
from returns.refunds.states import REFUND
from returns.rma import actions as rma_actions
from returns.rma.actions import (
    Verdict,
    Wish,
    approve_return,
    cancel_return,
    close_return,
    decline_return,
    inspect_return,
    receive_return,
)
from returns.rma.lists import RETURNS
from returns.rma.models import ReturnAuthorization
from returns.rma.queries import return_verbs, returns_visible_to
from returns.rma.states import Disposition, ReturnReason


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
            "lines": row.lines.select_related("sku").order_by("pk"),
            "refunds": [(refund, _refund_verbs(refund, request)) for refund in refunds],
            "verbs": [
                v
                for v in return_verbs(row)
                if f"returns.{v}" in request.actor.verbs and row.order_id
            ],
            "dispositions": [(v, label) for v, label in Disposition.choices if v != "keep"],
            "may_refund": "refunds.propose" in request.actor.verbs and row.order_id,
        },
    )


def _refund_verbs(refund: Refund, request: StaffRequest) -> list[str]:
    return [
        v
        for v in REFUND.verbs_from(refund.status)
        if f"refunds.{v}" in request.actor.verbs and v in {"approve", "complete", "reject"}
    ]


def _return(request: StaffRequest, number: str) -> ReturnAuthorization:
    row = returns_visible_to(request.actor).select_related("order").filter(number=number).first()
    if row is None:
        raise Http404
    return row


@require_POST
@page("returns.view")
def request_return(request: StaffRequest, number: str) -> HttpResponse:
    """Ask for a return from an order's page: a quantity for each line."""
    order = find_order(request.actor, number)
    wishes = [
        Wish(line.pk, int(text), request.POST.get("reason", "other"))
        for line in order.lines.order_by("position")
        if (text := request.POST.get(f"line-{line.pk}", "").strip()).isdecimal() and int(text)
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
def take_verb(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    """One verb on one return, from its button."""
    row = _return(request, number)
    back = f"/returns/{row.number}/"
    plain: dict[str, tuple[Callable[..., object], str]] = {
        "approve": (approve_return, _("Approved.")),
        "decline": (decline_return, _("Declined.")),
        "cancel": (cancel_return, _("Cancelled.")),
        "close": (close_return, _("Closed.")),
    }
    if verb in plain:
        action, done = plain[verb]
        return take(request, action, done, back, return_id=row.pk)
    if verb == "receive":
        units = _units(request, row, "receive")
        return take(request, receive_return, _("Received."), back, return_id=row.pk, units=units)
    if verb == "inspect":
        verdicts = [
            Verdict(
                pk,
                n,
                request.POST.get(f"disposition-{pk}", "restock"),
                request.POST.get(f"condition-{pk}", ""),
            )
            for pk, n in _units(request, row, "inspect").items()
        ]
        return take(
            request,
            inspect_return,
            _("Inspected."),
            back,
            return_id=row.pk,
            verdicts=verdicts,
        )
    if verb == "refund" and row.order_id:
        return take(
            request,
            propose_refund,
            _("Refund proposed."),
            back,
            order_id=row.order_id,
            return_id=row.pk,
            reason="return",
        )
    raise Http404


def _units(request: StaffRequest, row: ReturnAuthorization, prefix: str) -> dict[int, int]:
    found = {}
    for line in row.lines.all():
        text = request.POST.get(f"{prefix}-{line.pk}", "").strip()
        if text.isdecimal() and int(text):
            found[line.pk] = int(text)
    return found


@require_POST
@page("refunds.view")
def take_refund_verb(request: StaffRequest, number: str, verb: str) -> HttpResponse:
    """Approve, reject or complete a refund, from its button."""
    refund = (
        refunds_visible_to(request.actor)
        .select_related("order", "authorization")
        .filter(number=number)
        .first()
    )
    verbs: dict[str, tuple[Callable[..., object], str]] = {
        "approve": (approve_refund, _("Refund approved.")),
        "reject": (reject_refund, _("Refund rejected.")),
        "complete": (complete_refund, _("Paid back; the customer is told.")),
    }
    if refund is None or verb not in verbs:
        raise Http404
    back = f"/orders/{refund.order.number}/" if refund.order else "/returns/"
    if request.POST.get("back") == "return" and refund.authorization:
        back = f"/returns/{refund.authorization.number}/"
    action, done = verbs[verb]
    return take(request, action, done, back, refund_id=refund.pk)
