"""Shows today's figures on the home page beside the same weekday a week ago."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, TypedDict
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.periods import scope_of
from erp.money import shown
from fulfillment.models import Parcel
from orders.models import Order

ENDED = ("cancelled", "rejected", "expired", "merged")


class Tile(TypedDict):
    """A figure of the home page: current and previous value, and the page behind it."""

    label: str
    value: int | str
    before: int | str
    url: str


class Day(NamedTuple):
    """A day's orders, sales and parcels."""

    orders: int
    amount: Decimal
    parcels: int


def today(*, now: datetime, before: datetime) -> list[Tile]:
    """Compare orders, sales and parcels of the day so far with the whole day a week ago."""
    scope = scope_of(None)
    currency, zone = scope.currency, ZoneInfo(scope.time_zone)
    a, b = _day(now.astimezone(zone), currency), _day(before.astimezone(zone), currency)
    language = get_language() or "en"
    return [
        {"label": _("orders"), "value": a.orders, "before": b.orders, "url": "/orders/"},
        {
            "label": _("ordered"),
            "value": shown(a.amount, currency, language),
            "before": shown(b.amount, currency, language),
            "url": "/analytics/",
        },
        {
            "label": _("parcels shipped"),
            "value": a.parcels,
            "before": b.parcels,
            "url": "/shipments/",
        },
    ]


def _day(moment: datetime, currency: str) -> Day:
    """What happened on the day of a moment in its zone; the amount is that of orders in one currency."""
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(days=1)
    orders = Order.objects.filter(placed_at__gte=start, placed_at__lt=end, is_history=False)
    sums = orders.exclude(status__in=ENDED).aggregate(
        n=Count("pk"), amount=Sum("total", filter=Q(currency=currency))
    )
    parcels = Parcel.objects.filter(shipped_at__gte=start, shipped_at__lt=end).count()
    return Day(sums["n"], sums["amount"] or Decimal(0), parcels)
