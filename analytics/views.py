"""Shows the analytics pages: every figure with its formula, a chart and its rows."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analytics.metrics import METRICS
from analytics.periods import Period, read_period, scope_of
from analytics.queries import GROUPS, Figure, figure
from erp.access.models import Channel
from erp.errors import Malformed
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


@page("analytics.view")
def analytics_page(request: StaffRequest) -> HttpResponse:
    """The figures of a period against the one before, and one of them as a chart."""
    now = timezone.now()
    channel = Channel.objects.filter(code=request.GET.get("channel", "")).first()
    whose = scope_of(channel)
    period = _period(request, whose.time_zone, now)
    since, until = period
    by = request.GET.get("by", "week")
    by = by if by in GROUPS else "week"
    chosen = request.GET.get("metric", "net_sales")
    chosen = chosen if chosen in METRICS else "net_sales"
    scope = whose._asdict()
    zone = ZoneInfo(whose.time_zone)
    tiles = []
    for code in FIGURES:
        present = figure(code, since=since, until=until, by="month", **scope)
        past = figure(code, since=period.before.since, until=since, by="month", **scope)
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
            "since": since.astimezone(zone).date(),
            "until": (until - timedelta(microseconds=1)).astimezone(zone).date(),
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


def _period(request: StaffRequest, zone: str, now: datetime) -> Period:
    """The days that were asked for, as the API reads them; the last 90 for what is no period."""
    start, end = request.GET.get("from", ""), request.GET.get("to", "")
    try:
        return read_period(start, end, zone=zone, now=now, days=90)
    except Malformed as error:
        messages.warning(request, str(error))
        return read_period("", "", zone=zone, now=now, days=90)


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
