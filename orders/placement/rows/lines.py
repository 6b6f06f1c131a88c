"""Composes the rows of an order's lines and reservations."""

from typing import Any

from erp.names import name_in
from orders.order.blank_rows import BLANK_LINE
from orders.placement.prepared import PreparedLine, PreparedOrder
from orders.placement.rows.batch import Batch, Placement


def add_lines(placement: Placement, batch: Batch) -> list[dict[str, Any]]:
    """Add an order's lines, what their bundles are made of, and the units they reserve; return the lines."""
    prepared, route = placement.prepared, placement.route
    facts, pk, language = prepared.facts, prepared.pk, prepared.channel.language
    reserved: dict[int, int] = {}
    ids = [facts.line_ids.pop() for _line in prepared.lines]
    for warehouse in dict.fromkeys(share.warehouse_id for share in route.shares):
        if day := facts.give_to(warehouse):
            batch.add("routed", warehouse_id=warehouse, on=day, order_id=pk)
    for share in route.shares:
        reserved[share.line] = reserved.get(share.line, 0) + share.quantity
        for part, each in share.parts:
            key = (part, share.warehouse_id)
            _reserve(batch, prepared, ids[share.line], key, share.quantity * each)
    lines = []
    for position, (known, price) in enumerate(
        zip(prepared.lines, placement.priced.lines, strict=True)
    ):
        lines.append(
            BLANK_LINE
            | {
                "id": ids[position],
                "order_id": pk,
                "position": position,
                **_sold(known, language),
                "quantity_ordered": known.line.quantity,
                "quantity_reserved": reserved.get(position, 0),
                "quantity_backordered": route.backordered.get(position, 0),
                "unit_price": price.unit_price,
                "subtotal": price.subtotal,
                "discount": price.discount,
                "tax_rate": known.tax_rate,
                "tax": price.tax,
                "total": price.total,
            }
        )
        for part, each in (known.sku.parts if known.sku else None) or ():
            batch.add("line_parts", order_line_id=ids[position], sku_id=part, quantity=each)
    batch.rows["lines"] += lines
    return lines


def _sold(known: PreparedLine, language: str) -> dict[str, Any]:
    """What a line says was sold: one of our SKUs, or what its channel calls it."""
    sku, foreign = known.sku, known.foreign
    said: dict[str, Any] = {}
    if foreign is not None:
        said = {"key": foreign.key[:60], "listing": foreign.listing[:60]}
        if sku is None:
            return said | {
                "sku_id": None,
                "sku_code": foreign.code,
                "name": foreign.name,
                "is_service": foreign.is_service,
            }
    assert sku is not None, "an order of ours was checked: its SKUs are known"
    return said | {
        "sku_id": sku.id,
        "sku_code": sku.code,
        "name": name_in(language, sku.name, sku.translations),
        "is_service": sku.is_service,
    }


def _reserve(
    batch: Batch, prepared: PreparedOrder, line_id: int, key: tuple[int, int], units: int
) -> None:
    """Reserve units of (SKU id, warehouse id), first from what is set aside for the channel."""
    facts = prepared.facts
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
            "draws",
            channel_id=prepared.channel.pk,
            sku_id=key[0],
            warehouse_id=key[1],
            quantity=drawn,
        )
