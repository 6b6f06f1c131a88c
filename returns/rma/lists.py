"""Lists returns."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import Column, ListPage, Tab
from erp.web.columns import lines_column, state_column, text_column, time_column
from returns.rma.models import ReturnAuthorization
from returns.rma.queries import returns_visible_to
from returns.rma.states import ReturnAuthorizationStatus


class ReturnFilter(ListFilter):
    status = AnyOf(choices=ReturnAuthorizationStatus.choices, label=gettext_lazy("State"))


def _returns(actor: Actor) -> QuerySet[ReturnAuthorization]:
    return returns_visible_to(actor).select_related("order").prefetch_related("lines")


RETURNS: ListPage[ReturnAuthorization] = ListPage(
    name="returns",
    path="/returns/",
    title=gettext_lazy("Returns"),
    right="returns.view",
    rows=_returns,
    columns=(
        Column("number", gettext_lazy("Return"), lambda r: r.number, main=True),
        text_column(
            "order",
            gettext_lazy("Order"),
            lambda r: r.order.number if r.order else r.external_id,
        ),
        state_column("status", gettext_lazy("State"), "status"),
        lines_column(
            "lines",
            gettext_lazy("Lines"),
            (("SKU", False), (gettext_lazy("Quantity"), True)),
            lambda r: [(x.sku_code, x.quantity) for x in r.lines.all()],
        ),
        time_column("requested", gettext_lazy("Requested"), lambda r: r.requested_at),
    ),
    order=("-requested_at", "-id"),
    sorts={"requested": ("requested_at", "id")},
    names="number",
    filters=ReturnFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("To approve"), "status=requested"),
        Tab(gettext_lazy("On the way back"), "status=approved"),
        Tab(gettext_lazy("To inspect"), "status=received,part_received"),
        Tab(gettext_lazy("Inspected"), "status=inspected"),
        Tab(gettext_lazy("Closed"), "status=closed"),
    ),
    noun="return",
    empty=gettext_lazy("No returns yet. They start on the order page or through the API."),
    link=lambda r: f"/returns/{r.number}/",
)
