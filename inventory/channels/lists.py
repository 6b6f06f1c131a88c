"""Lists the SKUs on each channel."""

from urllib.parse import quote

import django_filters
from django.db.models import Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Channel
from erp.access.queries import of_own_channel
from erp.lists.filters import AnyOf, ListFilter, Yes
from erp.lists.page import BulkVerb, Column, ListPage, Tab
from erp.templatetags.show import pill
from erp.web.columns import state_column, time_column
from inventory.channels.actions import publish_again
from inventory.channels.models import Listing
from inventory.stock.queries import availability


def _channels() -> list[tuple[str, str]]:
    return [(c.code, c.name) for c in Channel.objects.order_by("code")]


class ListingFilter(ListFilter):
    channel = AnyOf(field_name="channel__code", choices=_channels, label=gettext_lazy("Channel"))
    failing = Yes(label=gettext_lazy("Refused"), method="is_failing")
    q = django_filters.CharFilter(label=gettext_lazy("Search"), method="named")

    def is_failing(self, rows: QuerySet[Listing], name: str, asked: str) -> QuerySet[Listing]:
        return rows.exclude(error="") if asked else rows

    def named(self, rows: QuerySet[Listing], name: str, text: str) -> QuerySet[Listing]:
        return rows.filter(Q(sku__code__icontains=text) | Q(external_id=text))


def _add_stock(rows: list[Listing]) -> None:
    """What each listing's channel may sell now, in a few statements a channel."""
    for channel_id in {row.channel_id for row in rows}:
        mine = [row for row in rows if row.channel_id == channel_id]
        found = availability(codes=[x.sku.code for x in mine], channel_id=channel_id)
        units = {row["sku"]: row["available"] for row in found}
        for listing in mine:
            listing.now = units[listing.sku.code]


def _state(listing: Listing) -> tuple[str, str]:
    if listing.error:
        return "failed", _("Refused")
    if listing.published is None:
        return "pending", _("Not published yet")
    return ("done", _("In sync")) if listing.published == listing.now else ("pending", _("Changed"))


def _shown_state(listing: Listing) -> SafeString:
    return format_html("{}<span class='two'>{}</span>", pill(*_state(listing)), listing.error)


LISTINGS: ListPage[Listing] = ListPage(
    name="listings",
    path="/stock/listings/",
    title=gettext_lazy("Listings"),
    right="inventory.view",
    rows=lambda actor: of_own_channel(Listing.objects.select_related("channel", "sku"), actor),
    columns=(
        Column("sku", "SKU", lambda x: x.sku.code, main=True),
        Column("channel", gettext_lazy("Channel"), lambda x: x.channel.name),
        state_column(
            "state",
            gettext_lazy("State"),
            _state,
            cell=_shown_state,
            second=(gettext_lazy("Reason"), lambda x: x.error),
        ),
        Column(
            "published",
            gettext_lazy("Sent"),
            lambda x: "–" if x.published is None else f"{x.published:,}",
            value=lambda x: x.published,
            numeric=True,
        ),
        Column(
            "now", gettext_lazy("Now"), lambda x: f"{x.now:,}", value=lambda x: x.now, numeric=True
        ),
        time_column("at", gettext_lazy("When"), lambda x: x.published_at),
        Column(
            "failures",
            gettext_lazy("Rejections"),
            lambda x: x.failures or "–",
            value=lambda x: x.failures,
            numeric=True,
            extra=True,
        ),
    ),
    order=("id",),
    names="id",
    filters=ListingFilter,
    tabs=(Tab(gettext_lazy("All")), Tab(gettext_lazy("Refused"), "failing=1")),
    bulk=(
        BulkVerb(
            "again",
            gettext_lazy("Send again"),
            "inventory.allot",
            publish_again,
            "listing_id",
        ),
    ),
    search=gettext_lazy("SKU or channel listing id"),
    prepare=_add_stock,
    empty=gettext_lazy(
        "No listings yet. List SKUs on a channel to publish their stock as it changes."
    ),
    link=lambda x: f"/inventory/{quote(x.sku.code, safe='')}/",
)
