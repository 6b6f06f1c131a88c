"""Reads control totals of shops by hour and day."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import TruncDate

from orders.intake.shops.models import ControlTotal
from orders.order.models.order import Order


def control_sums(channel_id: int, begin: datetime, end: datetime) -> tuple[int, Decimal]:
    """How many of a channel's orders were placed in a span, and what they come to, by its own words."""
    rows = Order.objects.filter(
        channel_id=channel_id,
        placed_at__gte=begin,
        placed_at__lt=end,
        channel_order__isnull=False,
    )
    sums = rows.aggregate(count=Count("pk"), amount=Sum("total"))
    return sums["count"], sums["amount"] or Decimal(0)


def control_days(days: int = 14) -> Sequence[Mapping[str, object]]:
    """The proof by day and channel, the newest first: both counts and amounts, what was missing, what is."""
    rows = (
        ControlTotal.objects.annotate(day=TruncDate("hour"))
        .values("day", "channel__name", "channel__currency")
        .annotate(
            theirs=Sum("theirs"),
            ours=Sum("ours"),
            theirs_amount=Sum("theirs_amount"),
            ours_amount=Sum("ours_amount"),
            missing=Sum("missing"),
            open_hours=Count("pk", filter=Q(settled_at=None)),
            checked_at=Max("checked_at"),
        )
        .order_by("-day", "channel__name")[: days * 20]
    )
    return list(rows)
