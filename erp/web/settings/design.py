"""Shows every component of the dashboard on one page."""

from decimal import Decimal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.web.charts import Chart, bars, lines, spark, stacked
from erp.web.pages import StaffRequest, page
from erp.web.settings.pages import shown


@page("settings.view")
def design(request: StaffRequest) -> HttpResponse:
    """Every component of the dashboard, in use."""
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    web, shop = [38, 52, 47, 61, 58, 72, 66], [12, 18, 15, 22, 19, 30, 27]
    charts: list[Chart] = [
        bars(
            list(zip(days, map(_decimal, web), strict=True)),
            title=_("Orders"),
            unit="",
            axis=_("Day"),
        ),
        lines(
            days,
            {_("This week"): web, _("Week before"): [33, 49, 51, 50, 57, 60, 64]},
            title=_("Orders"),
            axis=_("Day"),
        ),
        stacked(
            days,
            {_("Web shop"): web, _("Marketplace"): shop},
            title=_("Orders by channel"),
            axis=_("Day"),
        ),
    ]
    steps = [
        {
            "at": timezone.now(),
            "day": _("Today"),
            "text": _("Confirmed."),
            "by": "Emma Clarke",
            "icon": "check",
            "kind": "",
        },
        {
            "at": timezone.now(),
            "day": _("Today"),
            "text": _("The customer asked for a gift note."),
            "by": "Emma Clarke",
            "icon": "comment",
            "kind": "comment",
        },
    ]
    tones = [
        ("confirmed", _("Confirmed")),
        ("pending", _("Pending")),
        ("cancelled", _("Cancelled")),
        ("draft", _("Draft")),
    ]
    return shown(request, "design", charts=charts, steps=steps, tones=tones, spark=spark(web))


def _decimal(number: int) -> Decimal:
    return Decimal(number)
