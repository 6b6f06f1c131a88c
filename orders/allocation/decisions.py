"""Decides which backordered lines get arriving goods, and which orders give units up."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from erp.reasons import Reason, reason
from orders.routing.decisions.warehouse import WarehouseFacts

ENGINE = "backorders/2"  # 1 knew no priorities


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line that lacks units.

    ship_by   when it was promised to leave; None comes after all that have a promise
    made_of   what leaves the shelf for one unit, as (SKU id, units): itself, or a bundle's parts
    rank      its priority: the higher, the earlier
    """

    line_id: int
    order_id: int
    sku: str
    quantity: int
    ship_by: datetime | None
    placed_at: datetime
    country: str
    made_of: tuple[tuple[int, int], ...]
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Fill:
    """Units of a waiting line that a warehouse can send now, and why it was this line's turn."""

    line_id: int
    order_id: int
    sku: str
    warehouse_id: int
    quantity: int
    made_of: tuple[tuple[int, int], ...]
    reasons: list[Reason]


def queue(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Sort lines for allocation: by priority, by promise, by age of the order, by line.

    `orders.allocation.queries.waiting_lines` reads them in this order.
    """
    return sorted(
        waiting,
        key=lambda w: (
            -w.rank,
            w.ship_by is None,
            w.ship_by or w.placed_at,
            w.placed_at,
            w.line_id,
        ),
    )


def fill(
    waiting: Sequence[Waiting],
    free: Mapping[tuple[int, int], int],
    warehouses: Sequence[WarehouseFacts],
) -> list[Fill]:
    """Allocate free units, by (SKU id, warehouse id), to backordered lines.

    A line is served as far as the goods go, from a warehouse that can serve it whole if there is
    one, the customer's country first; what is left goes to the next in line.
    """
    return list(fill_in_turn(queue(waiting), free, warehouses))


def fill_in_turn(
    queued: Iterable[Waiting],
    free: Mapping[tuple[int, int], int],
    warehouses: Sequence[WarehouseFacts],
    *,
    came: Collection[int] | None = None,
) -> Iterator[Fill]:
    """Allocate free units to lines that come in the order of `queue`, as `fill` does, one line at a time.

    came   SKUs of which every line needs some: with the last unit of them, no further line is asked for
    """
    pool = dict(free)
    ahead: dict[int, int] = {}  # units wanted by lines before, by SKU id
    for line in queued:
        for warehouse, units in _served(line, pool, warehouses):
            yield Fill(
                line.line_id,
                line.order_id,
                line.sku,
                warehouse.id,
                units,
                line.made_of,
                _reasons(line, warehouse, units, ahead),
            )
        for part, each in line.made_of:
            ahead[part] = ahead.get(part, 0) + line.quantity * each
        if came is not None and not any(pool[key] > 0 for key in pool if key[0] in came):
            return


def _served(
    line: Waiting, pool: dict[tuple[int, int], int], warehouses: Sequence[WarehouseFacts]
) -> list[tuple[WarehouseFacts, int]]:
    """The warehouses that serve a line, with the units of each, which are taken from the pool."""
    served: list[tuple[WarehouseFacts, int]] = []
    left = line.quantity
    ranked = sorted(
        warehouses,
        key=lambda w: (
            -min(_makes(line, w.id, pool), line.quantity),
            w.country != line.country,
            w.priority,
            w.id,
        ),
    )
    for warehouse in ranked:
        units = min(left, _makes(line, warehouse.id, pool))
        if units <= 0:
            continue
        served.append((warehouse, units))
        for part, each in line.made_of:
            pool[part, warehouse.id] -= units * each
        left -= units
    return served


def _makes(line: Waiting, warehouse_id: int, pool: Mapping[tuple[int, int], int]) -> int:
    return min(max(0, pool.get((part, warehouse_id), 0)) // each for part, each in line.made_of)


def _reasons(
    line: Waiting, warehouse: WarehouseFacts, units: int, ahead: Mapping[int, int]
) -> list[Reason]:
    before = max((ahead.get(part, 0) for part, _each in line.made_of), default=0)
    return [
        reason("goods_came", sku=line.sku, quantity=units, warehouse=warehouse.code),
        *([reason("has_priority", priority=line.rank)] if line.rank else []),
        reason("turn_after", units=before) if before else reason("first_in_line"),
    ]


@dataclass(frozen=True, slots=True)
class Holder:
    """A line that has units which another order could have instead."""

    line_id: int
    order_id: int
    sku_id: int
    sku: str
    number: str
    units: int
    rank: int
    ship_by: datetime | None
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Take:
    """Units that a line gives up."""

    line_id: int
    order_id: int
    sku: str
    units: int
    reasons: list[Reason]


def take_from(missing: Mapping[int, int], rank: int, holders: Sequence[Holder]) -> list[Take]:
    """Choose lines that give up units, by SKU id: of lower rank only, last in the queue first."""
    left = dict(missing)
    taken: list[Take] = []
    last_first = sorted(
        (h for h in holders if h.rank < rank),
        key=lambda h: (
            -h.rank,
            h.ship_by is None,
            h.ship_by or h.placed_at,
            h.placed_at,
            h.line_id,
        ),
        reverse=True,
    )
    for holder in last_first:
        units = min(left.get(holder.sku_id, 0), holder.units)
        if units <= 0:
            continue
        left[holder.sku_id] -= units
        why = reason("given_up_by", order=holder.number, quantity=units, sku=holder.sku)
        taken.append(Take(holder.line_id, holder.order_id, holder.sku, units, [why]))
    return taken
