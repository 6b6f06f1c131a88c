"""Reads channels' reports about orders for other rooms and stages."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection

from orders.intake.following.models import ChannelOrder
from orders.order.models.order import OrderLine


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
                    SELECT code, greatest(similarity(code, %(code)s), similarity(name, %(name)s),
                        (SELECT max(similarity(x.value, %(name)s)) FROM jsonb_each_text(translations) x)) AS likeness
                    FROM inventory_sku WHERE is_active AND NOT is_service) known
                WHERE likeness > 0.35 ORDER BY likeness DESC, code LIMIT 1
                """,
                {"code": line.sku_code, "name": line.name},
            )
            if row := cursor.fetchone():
                found[line.pk] = row[0]
    return found
