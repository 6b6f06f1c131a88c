"""Shows today's figures on the home page beside the same weekday a week ago."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypedDict

from django.db.models import Count, Sum
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from erp.access.queries import own_currency
from erp.money import shown
from fulfillment.models import Parcel
from orders.models import Order


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
    currency = own_currency()
    a, b = _day(now), _day(before)
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


def _day(moment: datetime) -> Day:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    end = start.replace(hour=23, minute=59, second=59, microsecond=999999)
    orders = Order.objects.filter(placed_at__range=(start, end), is_history=False).exclude(
        status="cancelled"
    )
    sums = orders.aggregate(n=Count("pk"), amount=Sum("total"))
    parcels = Parcel.objects.filter(shipped_at__range=(start, end)).count()
    return Day(sums["n"], sums["amount"] or Decimal(0), parcels)
