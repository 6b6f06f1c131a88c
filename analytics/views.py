"""Shows the analytics pages: every figure with its formula, a chart and its rows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypedDict

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.queries import GROUPS, Figure, figure
from erp.access.models import Channel
from erp.access.queries import own_company
from erp.money import shown
from erp.web.charts import bars
from erp.web.pages import StaffRequest, page

FIGURES = (
    "net_sales",
    "orders",
    "fill_rate",
    "order_cycle_time",
    "on_time_shipping",
    "return_rate",
)

GROUP_NAMES = {
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
    "sku": "SKU",
    "country": gettext_lazy("Country"),
    "channel": gettext_lazy("Channel"),
}


class Scope(TypedDict):
    """The channel whose figures are shown, or the whole company."""

    channel_id: int | None
    time_zone: str
    currency: str


@page("analytics.view")
def analytics_page(request: StaffRequest) -> HttpResponse:
    """The figures of a period against the one before, and one of them as a chart."""
    now = timezone.now()
    since, until = _period(request, now)
    channel = Channel.objects.filter(code=request.GET.get("channel", "")).first()
    company = own_company()
    by = request.GET.get("by", "week")
    by = by if by in GROUPS else "week"
    chosen = request.GET.get("metric", "net_sales")
    chosen = chosen if chosen in METRICS else "net_sales"
    scope: Scope = {
        "channel_id": channel.pk if channel else None,
        "time_zone": channel.time_zone if channel else company.time_zone,
        "currency": channel.currency if channel else company.currency,
    }
    before = since - (until - since)
    tiles = []
    for code in FIGURES:
        present = figure(code, since=since, until=until, by="month", **scope)
        past = figure(code, since=before, until=since, by="month", **scope)
        tiles.append({"metric": present.metric, "value": _shown(present), "before": _shown(past)})
    main = figure(chosen, since=since, until=until, by=by, **scope)
    points = main.series if by in {"day", "week", "month"} else main.series[:20]
    return render(
        request,
        "analytics/figures.html",
        {
            "tiles": tiles,
            "main": main,
            "chart": bars(
                points,
                title=str(main.metric.name),
                unit=main.metric.unit,
                axis=str(GROUP_NAMES[by]),
            ),
            "points": points,
            "since": since.date(),
            "until": (until - timedelta(seconds=1)).date(),
            "by": by,
            "groups": [(group, GROUP_NAMES[group]) for group in GROUPS],
            "metrics": [(metric.code, metric.name) for metric in METRICS.values()],
            "channels": [
                ("", _("All")),
                *Channel.objects.order_by("code").values_list("code", "name"),
            ],
            "channel": channel,
            "now": now,
        },
    )


def _period(request: StaffRequest, now: datetime) -> tuple[datetime, datetime]:
    start, end = (
        parse_date(request.GET.get("from", "") or ""),
        parse_date(request.GET.get("to", "") or ""),
    )
    until = datetime(end.year, end.month, end.day, tzinfo=UTC) + timedelta(days=1) if end else now
    since = (
        datetime(start.year, start.month, start.day, tzinfo=UTC)
        if start
        else until - timedelta(days=90)
    )
    return (since, until) if since < until else (until - timedelta(days=90), until)


def _shown(found: Figure) -> str:
    value, unit = found.value, found.metric.unit
    if value is None:
        return "–"
    if unit == "money":
        return shown(value, found.currency or "CNY", get_language() or "en")
    if unit == "share":
        return f"{value * 100:.1f} %"
    if unit == "hours":
        return _("%(n)s h") % {"n": f"{value:.1f}"}
    return f"{value.quantize(Decimal(1)):,}"
