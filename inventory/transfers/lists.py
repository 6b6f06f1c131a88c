"""Lists transfers."""

from django.utils.translation import gettext_lazy

from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import Column, ListPage, Tab
from erp.web.columns import lines_column, state_column, time_column
from inventory.transfers.models import Transfer
from inventory.transfers.states import TransferStatus


class TransferFilter(ListFilter):
    status = AnyOf(choices=TransferStatus.choices, label=gettext_lazy("State"))


TRANSFERS: ListPage[Transfer] = ListPage(
    name="transfers",
    path="/stock/transfers/",
    title=gettext_lazy("Transfers"),
    right="inventory.view",
    rows=lambda actor: Transfer.objects.select_related(
        "from_warehouse", "to_warehouse"
    ).prefetch_related("lines__sku"),
    columns=(
        Column("number", gettext_lazy("Transfer"), lambda t: t.number, main=True),
        state_column("status", gettext_lazy("State"), "status"),
        Column("from", gettext_lazy("From"), lambda t: t.from_warehouse.code),
        Column("to", gettext_lazy("To"), lambda t: t.to_warehouse.code),
        lines_column(
            "lines",
            gettext_lazy("Lines"),
            (("SKU", False), (gettext_lazy("Quantity"), True)),
            lambda t: [(x.sku.code, x.quantity) for x in t.lines.all()],
        ),
        time_column("created", gettext_lazy("Created"), lambda t: t.created_at),
    ),
    order=("-id",),
    names="number",
    filters=TransferFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Drafts"), "status=draft"),
        Tab(gettext_lazy("Under way"), "status=shipped,part_received"),
        Tab(gettext_lazy("Received"), "status=received,closed"),
    ),
    noun="transfer",
    empty=gettext_lazy("No transfers yet."),
    link=lambda t: f"/stock/transfers/{t.number}/",
    create=("/stock/transfers/new/", gettext_lazy("New transfer"), "inventory.transfer"),
)
