"""Lists the review queue: orders on hold, with reason and next step."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.page import BulkVerb, Column, ListPage, Tab
from erp.templatetags.show import label_of, pill
from erp.web.columns import amount_column, time_column
from orders.customers.readers import CLEAR, MASKED
from orders.desk.lists.orders import _customer, _masked_customer
from orders.order.actions.holds import release_hold
from orders.order.filters import HoldFilter
from orders.order.models.claim import OrderClaim
from orders.order.models.order import Hold
from orders.order.queries import orders_visible_to
from orders.order.states import HoldKind
from orders.order.wording import event_text


def _holds(actor: Actor) -> QuerySet[Hold]:
    """Open holds of orders that still could move."""
    return Hold.objects.filter(
        released_at=None,
        order__status__in=["pending", "confirmed"],
        order__in=orders_visible_to(actor),
    ).select_related("order__customer", "order__channel", "by")


def _why(hold: Hold) -> SafeString:
    return format_html(
        "{} {}<span class='two'>{}</span>",
        pill("hold", label_of(hold, "kind")),
        event_text("hold.opened", {"reason": hold.reason} | hold.params),
        hold.by.name,
    )


def _fixes(hold: Hold) -> SafeString:
    """The ways on, beside what is wrong."""
    return format_html(
        "<button formaction='/orders/{}/release/' name='back' value='/orders/review/'>{}</button>"
        " <a class='button' href='/orders/{}/'>{}</a>",
        hold.order.number,
        _("Release"),
        hold.order.number,
        _("Review and fix"),
    )


def _name_claimants(rows: list[Hold]) -> None:
    """Who has each order, in one statement."""
    taken = OrderClaim.objects.filter(
        order__in=[hold.order_id for hold in rows], until__gt=timezone.now()
    )
    names = dict(taken.values_list("order_id", "by__name"))
    for hold in rows:
        hold.shown_claimant = names.get(hold.order_id, "")


REVIEW: ListPage[Hold] = ListPage(
    name="review",
    path="/orders/review/",
    title=gettext_lazy("Review"),
    right="orders.view",
    rows=_holds,
    columns=(
        Column("order", gettext_lazy("Order"), lambda h: h.order.number, main=True),
        Column(
            "customer",
            gettext_lazy("Customer"),
            lambda h: _customer(h.order),
            value=lambda h: h.order.customer.name,
            right="customers.view",
            masked=(CLEAR, lambda h: _masked_customer(h.order)),
            masked_value=lambda h: MASKED.name(h.order.customer.name),
            second=(gettext_lazy("Channel"), lambda h: h.order.channel.name),
        ),
        Column(
            "why",
            gettext_lazy("Reason on hold"),
            _why,
            value=lambda h: event_text("hold.opened", {"reason": h.reason} | h.params),
            second=(gettext_lazy("By"), lambda h: h.by.name),
        ),
        Column("taken", gettext_lazy("Claimed by"), lambda h: getattr(h, "shown_claimant", "")),
        time_column("since", gettext_lazy("Since"), lambda h: h.opened_at),
        amount_column(
            "total", gettext_lazy("Total"), lambda h: h.order.total, lambda h: h.order.currency
        ),
        Column(
            "fix", gettext_lazy("Next step"), _fixes, value=lambda h: "", right="orders.release"
        ),
    ),
    order=("opened_at", "id"),
    names="order__number",
    filters=HoldFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        *[Tab(label, f"kind={kind}") for kind, label in HoldKind.choices],
    ),
    bulk=(BulkVerb("release", gettext_lazy("Release"), "orders.release", release_hold, "hold_id"),),
    prepare=_name_claimants,
    empty=gettext_lazy("Nothing to review."),
    link=lambda h: f"/orders/{h.order.number}/",
)
