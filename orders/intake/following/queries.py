"""Reads what channels report about orders, where ours stand beside it, and how unknown goods may be called here."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
from django.db import connection
from django.db.models import Sum

from orders.intake.following.decisions.evidence import charged
from orders.intake.following.decisions.follow import OPEN, Ours, Told, in_currency
from orders.intake.following.models import ChannelOrder
from orders.intake.messages.statements import Statement, is_newer_untold
from orders.order.models.move import OrderMove
from orders.order.models.order import Order, OrderLine
from orders.order.models.payment import Payment
from orders.order.states import ENDED_UNSERVED
from orders.placement.incoming import ForeignOrder

ZERO = Decimal(0)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


SPLIT_OFF = """
SELECT DISTINCT target_id FROM orders_ordermove
WHERE source_id = ANY (%s) AND kind = 'split' AND undone_at IS NULL
"""


def family_of(order_id: int) -> list[int]:
    """An order and all that were split off it and are apart yet, by id, itself first.

    Its channel knows nothing of a split: what it says is of all of them. Most orders were never split, and one query
    says so; a recursive one is planned as if it came to very many, and scans all moves.
    """
    others: set[int] = set()
    asked = [order_id]
    with connection.cursor() as cursor:
        while asked:
            cursor.execute(SPLIT_OFF, [asked])
            asked = [pk for (pk,) in cursor.fetchall() if pk not in {order_id, *others}]
            others.update(asked)
    return [order_id, *sorted(others)]


def channel_refund(order_id: int, key: str) -> tuple[Decimal, list[tuple[list[int], int]]]:
    """What a channel gave back by one of its refunds: the amount, and units of what it names.

    Those are (ids of the lines that it may be, of an order and its splits; units).
    """
    told = ChannelOrder.objects.get(order_id=order_id)
    refund = told.refunds[key]
    lines: dict[str, list[int]] = {}
    rows = OrderLine.objects.filter(order_id__in=family_of(order_id)).exclude(key="")
    for name, pk in rows.order_by("order", "pk").values_list("key", "pk"):
        lines.setdefault(name, []).append(pk)
    # JavaScript has rounded the ids in some bodies to the nearest double.
    rounded = {float(name): its for name, its in lines.items() if name.isdecimal()}
    units = []
    for name, count in refund["units"].items():
        its = lines.get(name) or (rounded.get(float(name)) if name.isdecimal() else None)
        if its:
            units.append((its, count))
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


def is_ordered_again(told: ChannelOrder, said: Statement) -> bool:
    """Whether a statement wants an order again that its channel had cancelled, and that is so here.

    It is newer, or nothing tells it to be the older; and it says that the order stands, or wants other goods of it.
    """
    if told.cancelled is None or said.order is None or said.cancelled is not None:
        return False
    order = told.order
    newer = (said.at or LONG_AGO, said.progress) > (told.said_at or LONG_AGO, told.progress)
    newer = newer or is_newer_untold(said, told.said_at, told.progress)
    wanted = msgspec.json.decode(msgspec.json.encode(said.order))
    is_other = told.said is None or charged(told.said) != charged(wanted)
    is_told = (
        bool(said.message) and said.message == told.message_digest
    )  # what came before the cancel
    is_wanted = is_other or (said.is_live and not is_told)
    return order is not None and order.status in ENDED_UNSERVED and newer and is_wanted


def _own(kept: object, said: ForeignOrder) -> Decimal | None:
    return in_currency(kept, said.currency, is_only=not said.buyer_currency)


def _items(order: ForeignOrder) -> list[tuple[str, int]]:
    return [(line.key[:60], line.quantity) for line in order.lines]


def _gone_with_a_merge(family: Sequence[Order]) -> Decimal:
    """Money of an order's parts that is another order's now, which they were merged into."""
    merged = [order.pk for order in family if order.status == "merged"]
    if not merged:
        return ZERO
    moves = OrderMove.objects.filter(kind="merge", source__in=merged, undone_at=None)
    payments = [pk for moved in moves.values_list("moved", flat=True) for pk in moved["payments"]]
    elsewhere = Payment.objects.filter(pk__in=payments).exclude(
        order__in=[order.pk for order in family]
    )
    return elsewhere.aggregate(captured=Sum("captured"))["captured"] or ZERO


def ours_of(told: ChannelOrder, family: Sequence[Order]) -> Ours:
    """Where our order stands, with all that was split off it; nothing where there is none yet."""
    if not family:
        return Ours()
    ids = [order.pk for order in family]
    sums = Payment.objects.filter(order__in=ids).aggregate(captured=Sum("captured"))
    lines = list(OrderLine.objects.filter(order__in=ids).order_by("order", "pk"))
    open_ones = [order.status for order in family if order.status in OPEN]
    items: dict[str, int] = {}
    for line in lines:
        if line.quantity_ordered > line.quantity_cancelled:
            units = line.quantity_ordered - line.quantity_cancelled
            items[line.key] = items.get(line.key, 0) + units
    captured = (sums["captured"] or ZERO) + _gone_with_a_merge(family)
    return Ours(
        status=family[0].status if family[0].status in OPEN else [*open_ones, family[0].status][0],
        captured=captured,
        total=sum((order.total for order in family), ZERO),
        refunded={key: Decimal(amount) for key, amount in told.passed_on.items()},
        has_left=any(line.quantity_shipped for line in lines),
        is_shipped=all(order.fulfillment_status == "fulfilled" for order in family),
        items=list(items.items()),
        raised=told.raised,
    )
