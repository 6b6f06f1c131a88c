"""Reads what channels report about orders, where ours stand beside it, and how unknown goods may be called here."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from django.db import connection
from django.db.models import Sum

from orders.intake.following.decisions.follow import Ours, Told, in_currency
from orders.intake.following.models import ChannelOrder
from orders.order.models.order import Order, OrderLine
from orders.order.models.payment import Payment
from orders.placement.incoming import ForeignOrder

ZERO = Decimal(0)


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


def whole(told: ChannelOrder) -> ForeignOrder:
    """The newest whole of a channel's order."""
    return msgspec.convert(told.said, ForeignOrder, strict=False)


def told_of(told: ChannelOrder) -> Told:
    """What a channel says of its order, in sum."""
    if told.said is None:
        return Told(is_whole=False)
    said = whole(told)
    captures = [_own(kept, said) for kept in told.captures.values()]
    refunds = {key: _own(kept, said) for key, kept in told.refunds.items()}
    return Told(
        is_whole=True,
        changes=told.changes,
        captured=max(told.paid, sum((amount or ZERO for amount in captures), ZERO)),
        refunds={key: amount for key, amount in refunds.items() if amount is not None},
        elsewhere=[
            f"{kept['amount']} {kept['currency'] or f'{said.currency}/{said.buyer_currency}'}"
            for kept in (*told.captures.values(), *told.refunds.values())
            if _own(kept, said) is None
        ],
        total=said.total,
        cancelled=told.cancelled,
        shipped=told.shipped,
        deleted=told.deleted,
        items=_items(said),
        doubts=said.noticed(),
        said=told.said,
        currency=said.currency,
        taken_back=max(ZERO, told.paid - said.paid) if said.paid < said.total else ZERO,
    )


def _own(kept: object, said: ForeignOrder) -> Decimal | None:
    return in_currency(kept, said.currency, is_only=not said.buyer_currency)


def _items(order: ForeignOrder) -> list[tuple[str, int]]:
    return [(line.key[:60], line.quantity) for line in order.lines]


def ours_of(told: ChannelOrder, order: Order | None) -> Ours:
    """Where our order stands, of what the channel's may change; nothing where there is none yet."""
    if order is None:
        return Ours()
    sums = Payment.objects.filter(order=order).aggregate(captured=Sum("captured"))
    lines = list(order.lines.order_by("pk"))
    return Ours(
        status=order.status,
        captured=sums["captured"] or ZERO,
        total=order.total,
        refunded={key: Decimal(amount) for key, amount in told.passed_on.items()},
        has_left=any(line.quantity_shipped for line in lines),
        is_shipped=order.fulfillment_status == "fulfilled",
        items=[
            (line.key, line.quantity_ordered - line.quantity_cancelled)
            for line in lines
            if line.quantity_ordered > line.quantity_cancelled
        ],
        raised=told.raised,
    )
