"""Releases the reserved units of lines and reserves them where a route says."""

from collections.abc import Sequence

from django.db import transaction

from inventory.models import Reservation
from inventory.stock.actions.ledger import lock_levels
from inventory.stock.actions.reserve import release_units, reserve_rows
from orders.order.models.order import OrderLine
from orders.order.queries import made_of
from orders.routing.decisions.warehouse import Route


@transaction.atomic(savepoint=False)
def give_back_units(*, line: OrderLine, units: int) -> set[int]:
    """Give back units of a line, the newest reservations first; of a bundle, as many of each part.

    `line` counts them off and is saved by the caller. Returns the SKUs of which something is free again.
    """
    if not units:
        return set()
    held = Reservation.objects.filter(
        holder_kind="order_line", holder_id=line.pk, status="committed"
    )
    lock_levels(held.values_list("sku_id", "warehouse_id"))
    parts = made_of({line.pk: line.sku_id})[line.pk]
    for sku_id, each in parts:
        left = units * each
        for row in held.filter(sku_id=sku_id).order_by("-pk").select_for_update():
            taken = min(left, row.quantity)
            if taken:
                release_units(reservation=row, quantity=taken)
            left -= taken
    line.quantity_reserved -= units
    return {sku_id for sku_id, _each in parts}


@transaction.atomic(savepoint=False)
def reserve_shares(*, lines: Sequence[OrderLine], route: Route) -> None:
    """Reserve what a route found; `line` of its shares is the position in `lines`, whose units wait until then.

    The stock levels are locked, the lines count the units over and are saved by the caller.
    """
    rows = [
        {
            "holder_id": lines[share.line].pk,
            "sku_id": part,
            "warehouse_id": share.warehouse_id,
            "quantity": share.quantity * each,
        }
        for share in route.shares
        for part, each in share.parts or ((share.sku_id, 1),)
    ]
    if rows:
        reserve_rows(rows, "order_line", "committed")
    for share in route.shares:
        lines[share.line].quantity_reserved += share.quantity
        lines[share.line].quantity_backordered -= share.quantity
