"""Reading what channels sent, and counting it against ours."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from erp.access.models import Actor
from orders.models import (
    ChannelOrder,
    ControlTotal,
    IncomingMessage,
    Order,
    OrderLine,
)


def channel_refund(order_id: int, key: str) -> tuple[Decimal, dict[int, int]]:
    """What a channel gave back by one of its refunds: the amount, and units by order line id."""
    told = ChannelOrder.objects.get(order_id=order_id)
    refund = told.refunds[key]
    lines = {
        name: pk
        for name, pk in OrderLine.objects.filter(order_id=order_id).values_list("key", "pk")
        if name
    }
    # JavaScript has rounded the ids in some bodies to the nearest double.
    rounded = {float(name): pk for name, pk in lines.items() if name.isdecimal()}
    units: dict[int, int] = {}
    for name, count in refund["units"].items():
        pk = lines.get(name) or (rounded.get(float(name)) if name.isdecimal() else None)
        if pk is not None and count > 0:
            units[pk] = units.get(pk, 0) + count
    return Decimal(refund["amount"]), units


def messages_visible_to(actor: Actor) -> QuerySet[IncomingMessage]:
    """What came in from channels, as far as an actor may know of it; without the bodies."""
    rows = IncomingMessage.objects.select_related("order").defer("body")
    if actor.channel_id is not None:
        return rows.filter(channel_id=actor.channel_id)
    return rows


def is_unmapped(line: OrderLine) -> bool:
    """Whether nobody has said yet which SKU a line is."""
    return line.sku_id is None and not line.is_service


def suggested_skus(lines: Sequence[OrderLine]) -> dict[int, str]:
    """For each line without a SKU the code of ours that is most like it, by line id; none where none is."""
    found: dict[int, str] = {}
    for line in lines:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT code FROM (
                    SELECT code, greatest(similarity(code, %(code)s), similarity(name, %(name)s), similarity(name_zh, %(name)s)) AS likeness
                    FROM inventory_sku WHERE is_active AND NOT is_service) known
                WHERE likeness > 0.35 ORDER BY likeness DESC, code LIMIT 1
                """,
                {"code": line.sku_code, "name": line.name},
            )
            if row := cursor.fetchone():
                found[line.pk] = row[0]
    return found


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


def control_days(days: int = 14) -> list[dict[str, Any]]:
    """The proof by day and channel, the newest first: both counts and amounts, what was missing, what is."""
    rows: Any = (
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
