"""Decides what a channel can promise now: on hand less reserved, safety stock and allotments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict


class LevelDocument(TypedDict):
    """The units of a SKU in one warehouse."""

    on_hand: int
    reserved: int
    safety: int
    incoming: int
    warehouse: str
    available: int


class DayDocument(TypedDict):
    """What can be promised from a day on ("": now), and the arrival that brings it."""

    on: str
    units: int
    source: str
    available: int


class AvailabilityDocument(TypedDict):
    """The units of a SKU, in sum and per warehouse."""

    sku: str
    available: int
    on_hand: int
    reserved: int
    safety: int
    incoming: int
    warehouses: list[LevelDocument]
    by_date: NotRequired[list[DayDocument]]


@dataclass(frozen=True, slots=True)
class Limit:
    """A rule of a channel: `share` in per cent, or `cap` in units. SKU 0 is every other SKU."""

    sku_id: int
    kind: str
    value: int


def limited(
    free: Mapping[tuple[int, int], int],
    limits: Sequence[Limit],
    order: Sequence[int],
) -> dict[tuple[int, int], int]:
    """Limit `free` units by (SKU id, warehouse id) to a channel's allotment.

    A share is of the sum over warehouses, rounded down; a cap is on that sum; both may hold.
    A SKU's own limit replaces the channel's general one of the same kind. What is taken away is
    taken from the warehouses at the end of `order` (ids, preferred first).
    """
    if not limits:
        return dict(free)
    kept = dict(free)
    rank = {warehouse: n for n, warehouse in enumerate(order)}
    for sku_id in {sku for sku, _warehouse in free}:
        total = sum(max(0, n) for (sku, _w), n in free.items() if sku == sku_id)
        most = total
        for kind in ("share", "cap"):
            own = [x for x in limits if x.kind == kind and x.sku_id == sku_id]
            general = [x for x in limits if x.kind == kind and x.sku_id == 0]
            for limit in own or general:
                most = min(most, total * limit.value // 100 if kind == "share" else limit.value)
        over = total - most
        places = sorted(
            (key for key in kept if key[0] == sku_id),
            key=lambda key: -rank.get(key[1], len(rank)),
        )
        for key in places:
            cut = min(max(0, kept[key]), over)
            kept[key] -= cut
            over -= cut
    return kept


def exploded(units: Mapping[int, int], parts: Sequence[tuple[int, int, int]]) -> dict[int, int]:
    """Replace every bundle by its parts, in units by SKU id."""
    made_of: dict[int, list[tuple[int, int]]] = {}
    for bundle, part, each in parts:
        made_of.setdefault(bundle, []).append((part, each))
    sums: dict[int, int] = {}
    for sku, quantity in units.items():
        for part, each in made_of.get(sku, [(sku, 1)]):
            sums[part] = sums.get(part, 0) + quantity * each
    return sums


def shared_out(
    need: Mapping[int, int], free: Mapping[tuple[int, int], int]
) -> tuple[list[tuple[int, int, int]], dict[int, int]]:
    """Take units by SKU id from warehouses in the order of `free`, the preferred first.

    Returns (SKU id, warehouse id, units) rows, and what is missing by SKU id.
    """
    left = dict(need)
    shares = []
    for (sku, warehouse), units in free.items():
        if taken := min(left.get(sku, 0), units):
            shares.append((sku, warehouse, taken))
            left[sku] -= taken
    return sorted(shares), {sku: units for sku, units in left.items() if units}


def of_bundle(parts: Sequence[tuple[int, int]]) -> int:
    """Return how many bundles can be made: (units available, units in one) of each part."""
    return min((max(0, have) // each for have, each in parts), default=0)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units expected on a day, as ISO date; "" for no date."""

    on: str
    units: int
    source: str


def by_date(available: int, owed: int, arrivals: Sequence[Arrival]) -> list[DayDocument]:
    """Project available to promise: now, then after each arrival, less backordered units.

    owed   units that waiting orders are promised from arrivals, filled first
    """
    rows: list[DayDocument] = [{"on": "", "units": 0, "source": "", "available": available}]
    for arrival in sorted(arrivals, key=lambda a: (a.on == "", a.on)):
        filled = min(owed, arrival.units)
        owed -= filled
        available += arrival.units - filled
        rows.append(
            {
                "on": arrival.on,
                "units": arrival.units,
                "source": arrival.source,
                "available": available,
            }
        )
    return rows
