"""Shows purchase suggestions in the dashboard."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.bounds import read_whole
from erp.once import perform
from erp.web.pages import StaffRequest, page, take
from erp.wiring import OWED, resolve
from inventory.purchasing.wording import sentences
from inventory.replenishment.actions.order import order_suggestions
from inventory.replenishment.actions.suggest import suggest_purchases
from inventory.replenishment.models import Suggestion


@require_POST
@page("purchasing.edit")
def take_suggestions(request: StaffRequest, verb: str) -> HttpResponse:
    """Judge every SKU again, or make purchase orders of the chosen suggestions."""
    if verb == "judge":
        return take(
            request,
            suggest_purchases,
            _("Suggestions recalculated for every SKU."),
            "/purchasing/suggestions/",
            backordered=resolve(OWED)(),
        )
    if verb != "order":
        raise Http404
    chosen = [pk for row in request.POST.getlist("row") if (pk := read_whole(row, "/row"))]
    made = perform(order_suggestions, suggestion_ids=chosen, by=request.actor, now=timezone.now())
    numbers = ", ".join(purchase.number for purchase in made)
    messages.success(request, _("Created: %(numbers)s.") % {"numbers": numbers})
    return redirect("/purchasing/?status=draft")


@page("purchasing.view")
def suggestions(request: StaffRequest) -> HttpResponse:
    """What to buy, with the arithmetic behind it; chosen rows become purchase orders."""
    rows = list(
        Suggestion.objects.filter(purchase=None)
        .select_related("sku", "warehouse", "supplier")
        .order_by("supplier__name", "sku__code", "pk")[:500]
    )
    for row in rows:
        row.sentences = sentences(row.reasons)
    return render(
        request,
        "inventory/replenishment/suggestions.html",
        {"rows": rows, "may_order": "purchasing.edit" in request.actor.verbs},
    )
