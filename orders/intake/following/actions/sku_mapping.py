"""Maps channels' codes to our SKUs by mapping, code or barcode; people add mappings."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, Invalid, NotFound
from inventory.models import BundlePart, Sku
from orders.allocation.actions.backorders import fill_backorders
from orders.intake.following.models import SkuMapping
from orders.intake.messages.statements import Statement
from orders.order.actions.holds import UNMAPPED, release_order
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Hold, OrderLine, OrderLinePart
from orders.order.states import OPEN
from orders.placement.incoming import ForeignOrder

# The most certain first: what a person said, our own code, a barcode that means one SKU.
_KNOWN = """
    SELECT DISTINCT ON (asked.name) asked.name, s.code FROM (
        SELECT m.code AS name, m.sku_id, 0 AS rank FROM orders_skumapping m
        WHERE m.channel_id = %(channel)s AND m.code = ANY (%(names)s)
        UNION ALL SELECT s.code, s.id, 1 FROM inventory_sku s WHERE s.code = ANY (%(names)s)
        UNION ALL SELECT b.code, b.sku_id, 2 FROM inventory_barcode b WHERE b.code = ANY (%(names)s) AND b.units = 1
        UNION ALL SELECT s.barcode, min(s.id), 3 FROM inventory_sku s WHERE s.barcode = ANY (%(names)s)
                  AND s.barcode <> '' GROUP BY s.barcode HAVING count(*) = 1
    ) asked JOIN inventory_sku s ON s.id = asked.sku_id
    ORDER BY asked.name, asked.rank
"""


def known_skus(*, channel_id: int, names: Sequence[str]) -> dict[str, str]:
    """Our SKU codes by what a channel calls them: a code, or "listing:<id>"."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, {"channel": channel_id, "names": list(set(names))})
        return dict(cursor.fetchall())


def mapped(*, order: ForeignOrder, channel_id: int) -> ForeignOrder:
    """The order with our SKU codes on its lines, "" where nobody knows."""
    return all_mapped(orders=[order], channel_id=channel_id)[0]


def all_mapped(*, orders: Sequence[ForeignOrder], channel_id: int) -> list[ForeignOrder]:
    """Orders with our SKU codes on their lines, looked up by one statement."""
    names = {
        name
        for order in orders
        for line in order.lines
        for name in (line.code, f"listing:{line.listing}")
        if name
    }
    known = known_skus(channel_id=channel_id, names=list(names))
    return [
        msgspec.structs.replace(
            order,
            lines=[
                msgspec.structs.replace(
                    line, sku=known.get(f"listing:{line.listing}") or known.get(line.code, "")
                )
                for line in order.lines
            ],
        )
        for order in orders
    ]


def with_clear_goods(*, statements: Sequence[Statement], channel_id: int) -> list[Statement]:
    """Statements, their orders doubted where a line calls its goods by names of several SKUs of ours."""
    names = {x for said in statements for called in said.goods.values() for x in called}
    known = known_skus(channel_id=channel_id, names=list(names)) if names else {}
    found = []
    for said in statements:
        unclear = [
            key
            for key, called in said.goods.items()
            if len({known[name] for name in called if name in known}) > 1
        ]
        if said.order is not None and unclear:
            doubts = {*said.order.doubts, *(f"goods_unclear:{key}"[:54] for key in unclear)}
            order = msgspec.structs.replace(said.order, doubts=sorted(doubts))
            said = msgspec.structs.replace(said, order=order)
        found.append(said)
    return found


@transaction.atomic(savepoint=False)
def map_line(*, line_id: int, sku_id: int, remember: bool, by: Actor, now: datetime) -> OrderLine:
    """Say which SKU a line is that its channel calls something else.

    remember   the channel's name for it means this SKU from now on, on every other open order as well
    Its goods are promised as any back-order's are; with the last line mapped the hold ends.
    Raises Conflict for a line that has a SKU, or an order that has ended; Invalid for a SKU that is none.
    """
    require(by, "orders.edit")
    line = OrderLine.objects.select_related("order").filter(pk=line_id).first()
    sku = Sku.objects.filter(pk=sku_id, is_active=True).first()
    if line is None:
        raise NotFound
    if sku is None:
        raise Invalid(_("There is no such SKU."))
    others: list[OrderLine] = []
    if remember:
        for name in _names(line):
            SkuMapping.objects.update_or_create(
                channel_id=line.order.channel_id, code=name, defaults={"sku": sku}
            )
        others = list(
            OrderLine.objects.filter(
                sku=None,
                is_service=False,
                sku_code=line.sku_code,
                listing=line.listing,
                order__channel_id=line.order.channel_id,
                order__status__in=OPEN,
            ).exclude(pk=line.pk)
        )
    for order_id in sorted({line.order_id, *(other.order_id for other in others)}):
        lock_order(order_id)
    _map([line, *others], sku, by, now)
    fill_backorders(sku_ids=[sku.pk], by=by, now=now)
    for order_id in sorted({line.order_id, *(other.order_id for other in others)}):
        _end_hold(order_id, by, now)
    line.refresh_from_db()
    return line


def _names(line: OrderLine) -> list[str]:
    names = [f"listing:{line.listing}"] if line.listing else []
    return names + ([line.sku_code] if line.sku_code else [])


def _map(lines: Sequence[OrderLine], sku: Sku, by: Actor, now: datetime) -> None:
    parts = list(BundlePart.objects.filter(bundle=sku))
    for line in lines:
        current = OrderLine.objects.select_related("order").get(pk=line.pk)
        if current.sku_id is not None or current.order.status not in OPEN:
            if line is lines[0]:
                raise Conflict(_("This line already has a SKU, or its order has ended."))
            continue
        current.sku, current.sku_code, current.is_service = sku, sku.code, sku.is_service
        if not sku.is_service:
            current.quantity_backordered = current.quantity_ordered - current.quantity_cancelled
        current.save(update_fields=["sku", "sku_code", "is_service", "quantity_backordered"])
        OrderLinePart.objects.bulk_create(
            OrderLinePart(order_line=current, sku_id=part.part_id, quantity=part.quantity)
            for part in parts
        )
        append_event(
            order_id=current.order_id,
            kind="line.mapped",
            by=by,
            now=now,
            data={"code": line.sku_code or line.listing, "sku": sku.code},
        )


def _end_hold(order_id: int, by: Actor, now: datetime) -> None:
    unmapped = OrderLine.objects.filter(order_id=order_id, sku=None, is_service=False)
    if unmapped.filter(quantity_ordered__gt=F("quantity_cancelled")).exists():
        return
    hold = Hold.objects.filter(order_id=order_id, reason=UNMAPPED, released_at=None).first()
    if hold is not None:
        release_order(order_id=order_id, hold_id=hold.pk, by=by, now=now)
