"""Lists refunds."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import Column, ListPage, Tab
from erp.web.columns import amount_column, state_column, text_column, time_column
from returns.refunds.models import Refund
from returns.refunds.queries import refunds_visible_to
from returns.refunds.states import RefundStatus


class RefundFilter(ListFilter):
    status = AnyOf(choices=RefundStatus.choices, label=gettext_lazy("State"))


def _refunds(actor: Actor) -> QuerySet[Refund]:
    return refunds_visible_to(actor).select_related("order")


REFUNDS: ListPage[Refund] = ListPage(
    name="refunds",
    path="/returns/refunds/",
    title=gettext_lazy("Refunds"),
    right="refunds.view",
    rows=_refunds,
    columns=(
        Column("number", gettext_lazy("Refund"), lambda r: r.number, main=True),
        text_column("order", gettext_lazy("Order"), lambda r: r.order.number if r.order else ""),
        state_column("status", gettext_lazy("State"), "status"),
        Column("reason", gettext_lazy("Reason"), lambda r: r.reason),
        time_column("proposed", gettext_lazy("Proposed"), lambda r: r.proposed_at),
        amount_column("amount", gettext_lazy("Amount"), lambda r: r.amount, lambda r: r.currency),
        Column("currency", gettext_lazy("Currency"), lambda r: r.currency, extra=True),
    ),
    order=("-proposed_at", "-id"),
    sorts={"proposed": ("proposed_at", "id")},
    names="number",
    filters=RefundFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("To approve"), "status=proposed"),
        Tab(gettext_lazy("To pay out"), "status=approved"),
        Tab(gettext_lazy("Completed"), "status=completed"),
    ),
    noun="refund",
    empty=gettext_lazy("No refunds yet."),
    link=lambda r: f"/orders/{r.order.number}/" if r.order else "/returns/",
)
