"""Releases the reserved units of lines and reserves them where a route says."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import QuerySet

from inventory.models import Reservation
from inventory.stock.actions.ledger import lock_levels
from inventory.stock.actions.reserve import release_units, reserve_rows
from orders.order.models.order import OrderLine
from orders.order.queries import made_of
from orders.routing.decisions.warehouse import Route


def held_by(lines: Iterable[OrderLine]) -> QuerySet[Reservation]:
    """What these order lines have reserved, in no order."""
    return Reservation.objects.filter(
        holder_kind="order_line", holder_id__in=[line.pk for line in lines], status="committed"
    )


@transaction.atomic(savepoint=False)
def lock_held(*, lines: Iterable[OrderLine]) -> None:
    """Lock the levels of everything that these order lines have reserved, in order, by one statement.

    A verb that takes from several lines locks for all of them: line by line, two of them would wait for each other.
    """
    lock_levels(held_by(lines).values_list("sku_id", "warehouse_id"))


@transaction.atomic(savepoint=False)
def give_back_units(*, units: Sequence[tuple[OrderLine, int]]) -> set[int]:
    """Give back units of lines, the newest reservations first; of a bundle, as many of each part.

    The lines count them off and are saved by the caller. However many lines, the statements are the same few.
    Returns the SKUs of which something is free again.
    """
    given = [(line, count) for line, count in units if count]
    if not given:
        return set()
    lines = [line for line, _count in given]
    lock_held(lines=lines)
    parts = made_of({line.pk: line.sku_id for line in lines})
    rows: dict[tuple[int, int], list[Reservation]] = {}
    for row in held_by(lines).order_by("pk").select_for_update():
        rows.setdefault((row.holder_id, row.sku_id), []).append(row)
    taken: list[tuple[Reservation, int]] = []
    for line, count in given:
        for sku_id, each in parts[line.pk]:
            taken += _newest(rows.get((line.pk, sku_id), []), count * each)
        line.quantity_reserved -= count
    release_units(taken=taken)
    return {sku_id for line in lines for sku_id, _each in parts[line.pk]}


def _newest(rows: Sequence[Reservation], units: int) -> list[tuple[Reservation, int]]:
    """Units taken from the newest of these reservations, which come the oldest first."""
    taken: list[tuple[Reservation, int]] = []
    for row in reversed(rows):
        if count := min(units, row.quantity):
            taken.append((row, count))
        units -= count
    return taken


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
