"""Lists stock counts."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import Column, ListPage, Tab
from erp.web.columns import state_column, time_column
from inventory.counting.models import StockCount
from inventory.counting.states import CountStatus


class CountFilter(ListFilter):
    status = AnyOf(choices=CountStatus.choices, label=gettext_lazy("State"))


COUNTS: ListPage[StockCount] = ListPage(
    name="counts",
    path="/stock/counts/",
    title=gettext_lazy("Stock counts"),
    right="inventory.view",
    rows=lambda actor: StockCount.objects.select_related("warehouse", "by"),
    columns=(
        Column("number", gettext_lazy("Count"), lambda c: c.number, main=True),
        state_column("status", gettext_lazy("State"), "status"),
        Column("warehouse", gettext_lazy("Warehouse"), lambda c: c.warehouse.code),
        Column("scope", gettext_lazy("What"), lambda c: c.scope or _("Everything")),
        Column("by", gettext_lazy("By"), lambda c: c.by.name),
        time_column("created", gettext_lazy("Started"), lambda c: c.created_at),
    ),
    order=("-id",),
    names="number",
    filters=CountFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Counting"), "status=counting"),
        Tab(gettext_lazy("To approve"), "status=submitted"),
        Tab(gettext_lazy("Posted"), "status=posted"),
    ),
    empty=gettext_lazy("No counts yet. Count a few bins each day to keep stock accurate."),
    link=lambda c: f"/stock/counts/{c.number}/",
    create=("/stock/counts/new/", gettext_lazy("New count"), "inventory.count"),
)
