"""An order's lines and the stock they reserve, as rows."""

from decimal import Decimal
from typing import Any

from erp.access.models import Channel
from orders.placement.facts import Facts
from orders.placement.foreign import tax_rate_of
from orders.placement.incoming import ForeignLine, IncomingLine, IncomingOrder
from orders.placement.rows.batch import Batch
from orders.pricing.decisions import prices
from orders.routing.decisions import warehouse as decisions_warehouse


def add_lines(
    order: IncomingOrder,
    facts: Facts,
    batch: Batch,
    pk: int,
    priced: prices.PricedOrder,
    route: decisions_warehouse.Route,
    channel: Channel,
) -> list[dict[str, Any]]:
    """Add an order's lines, what their bundles are made of, and the units they reserve; return the lines."""
    reserved: dict[int, int] = {}
    ids = [facts.line_ids.pop() for _line in order.lines]
    language = channel.language
    for warehouse in dict.fromkeys(share.warehouse_id for share in route.shares):
        if day := facts.give_to(warehouse):
            batch.add("routed", warehouse_id=warehouse, on=day, order_id=pk)
    for share in route.shares:
        reserved[share.line] = reserved.get(share.line, 0) + share.quantity
        for part, each in share.parts:
            _reserve(
                batch,
                facts,
                channel,
                ids[share.line],
                (part, share.warehouse_id),
                share.quantity * each,
            )
    lines = []
    for position, (line, price) in enumerate(zip(order.lines, priced.lines, strict=True)):
        sku = facts.skus.get(line.sku)
        lines.append(
            {
                "id": ids[position],
                "order_id": pk,
                "position": position,
                **_sold(line, facts, language),
                "quantity_ordered": line.quantity,
                "quantity_reserved": reserved.get(position, 0),
                "quantity_backordered": route.backordered.get(position, 0),
                "unit_price": price.unit_price,
                "subtotal": price.subtotal,
                "discount": price.discount,
                "tax_rate": _tax_rate(line, order, facts),
                "tax": price.tax,
                "total": price.total,
            }
        )
        for part, each in (sku.parts if sku else None) or ():
            batch.add("line_parts", order_line_id=ids[position], sku_id=part, quantity=each)
    batch.rows["lines"] += lines
    return lines


def _tax_rate(line: IncomingLine, order: IncomingOrder, facts: Facts) -> Decimal:
    if isinstance(line, ForeignLine):
        return tax_rate_of(line)
    return facts.tax_rate_of(order, facts.skus[line.sku].tax_class)


def _sold(line: IncomingLine, facts: Facts, language: str) -> dict[str, Any]:
    """What a line says was sold: one of our SKUs, or what its channel calls it."""
    sku = facts.skus.get(line.sku)
    known: dict[str, Any] = {}
    if isinstance(line, ForeignLine):
        known = {"key": line.key[:60], "listing": line.listing[:60]}
        if sku is None:
            return known | {
                "sku_id": None,
                "sku_code": line.code,
                "name": line.name,
                "is_service": line.is_service,
            }
    assert sku is not None
    return known | {
        "sku_id": sku.id,
        "sku_code": sku.code,
        "name": (sku.name_zh if language.startswith("zh") else "") or sku.name,
        "is_service": sku.is_service,
    }


def _reserve(
    batch: Batch,
    facts: Facts,
    channel: Channel,
    line_id: int,
    key: tuple[int, int],
    units: int,
) -> None:
    """Reserve units of (SKU id, warehouse id), first from what is set aside for the channel."""
    row: dict[str, Any] = {
        "holder_id": line_id,
        "sku_id": key[0],
        "warehouse_id": key[1],
        "quantity": units,
    }
    if key in facts.in_parts:
        row["in_parts"] = True
    batch.rows["reservations"].append(row)
    if drawn := min(units, facts.allotted.get(key, 0)):
        facts.allotted[key] -= drawn
        batch.add(
            "draws", channel_id=channel.pk, sku_id=key[0], warehouse_id=key[1], quantity=drawn
        )
