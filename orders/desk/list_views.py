"""Shows the lists of orders, the review queue and its figures."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.lists.row_counts import kept_a_minute
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page, take
from orders.desk.lists.orders import ORDERS
from orders.desk.lists.review import REVIEW
from orders.order.actions.claims import claim_next
from orders.order.states import HoldKind
from orders.review import queries as review_queries


@page("orders.view")
def order_list(request: StaffRequest) -> HttpResponse:
    return show_list(request, ORDERS)


@page("orders.view")
def review_queue(request: StaffRequest) -> HttpResponse:
    """Every order on hold, with the reason in words and the ways on beside it."""
    intro = render_to_string("orders/desk/take_next.html", {"me": request.actor.pk}, request)
    may_take = "orders.release" in request.actor.verbs
    return show_list(
        request, REVIEW, crumbs=[("/orders/", _("Orders"))], intro=intro if may_take else ""
    )


@require_POST
@page("orders.release")
def claim_next_orders(request: StaffRequest) -> HttpResponse:
    """Claim the longest-waiting unclaimed orders and show them."""
    count = request.POST.get("count", "")
    return take(
        request,
        claim_next,
        _("Orders claimed for 30 minutes."),
        f"/orders/review/?taken={request.actor.pk}",
        count=int(count) if count.isdecimal() and len(count) < 4 else 0,
    )


@never_cache
@page("orders.view")
def review_figures(request: StaffRequest) -> HttpResponse:
    """How reviewing goes, for the home page: asked for after the page is there."""
    told = kept_a_minute("review-figures", lambda: review_queries.review_figures(timezone.now()))
    kinds = [(kind, dict(HoldKind.choices).get(kind.kind, kind.kind)) for kind in told.kinds]
    return render(request, "orders/desk/review_figures.html", {"told": told, "kinds": kinds})
