"""Decides which warehouse ships what: one parcel, then nearest or cheapest."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct, structs

from erp.reasons import reason

ENGINE = "routing/3"  # 1 did not keep what was free; 2 knew neither distance nor cost nor limits


NEAR, CHEAP, PREFERRED = "near", "cheap", "priority"  # what decides between equals


class WarehouseFacts(Struct, frozen=True):
    """A warehouse as an order sees it: how far and how dear its destination is from there.

    reaches   whether it ships there at all
    is_full   as many orders as it can take were given to it today
    """

    id: int
    code: str
    country: str
    priority: int
    region: str = ""
    distance_km: int | None = None
    cost: Decimal | None = None
    reaches: bool = True
    is_full: bool = False


class Wanted(Struct, frozen=True):
    """Units of one SKU wanted by one line; `line` is its index in the order.

    made_of   what leaves the shelf for one unit, as (SKU id, units): itself, or a bundle's parts
    only      the warehouses that it ships from; empty for all
    """

    line: int
    sku_id: int
    sku: str
    quantity: int
    made_of: tuple[tuple[int, int], ...] = ()
    only: tuple[int, ...] = ()

    @property
    def parts(self) -> tuple[tuple[int, int], ...]:
        return self.made_of or ((self.sku_id, 1),)


class Share(Struct, frozen=True):
    """Units of a line that a warehouse will ship; of a bundle, whole bundles of it."""

    line: int
    sku_id: int
    warehouse_id: int
    quantity: int
    parts: tuple[tuple[int, int], ...] = ()


class Asked(Struct, frozen=True):
    """What a route was chosen from. `free` has (SKU id, warehouse id, units), of the SKUs that are wanted.

    by             what decides between warehouses that have as much: near, cheap, priority
    most_parcels   warehouses at most; 0: as many as it takes. What is left over waits
    least_units    a warehouse beside the first sends no fewer units, unless with them the order is whole
    """

    wanted: Sequence[Wanted]
    warehouses: Sequence[WarehouseFacts]
    free: Sequence[tuple[int, int, int]]
    country: str
    region: str = ""
    by: str = NEAR
    most_parcels: int = 0
    least_units: int = 0


class Route(Struct, frozen=True):
    shares: list[Share]
    backordered: dict[int, int]  # units by line
    short: dict[str, int]  # units missing by SKU code, whether backordered or not
    warehouses: list[str]  # codes, in the order chosen
    candidates: list[dict[str, Any]] = []
    reasons: list[dict[str, Any]] = []
    counterfactual: dict[str, Any] | None = None
    asked: Asked | None = None


def again(asked: Asked) -> Route:
    """The route that the facts lead to, as often as they are asked."""
    free = {(sku, warehouse): units for sku, warehouse, units in asked.free}
    chosen = route(
        asked.wanted,
        asked.warehouses,
        free,
        country=asked.country,
        region=asked.region,
        by=asked.by,
        most_parcels=asked.most_parcels,
        least_units=asked.least_units,
    )
    return structs.replace(chosen, asked=asked)


def route(
    wanted: Sequence[Wanted],
    warehouses: Sequence[WarehouseFacts],
    free: Mapping[tuple[int, int], int],
    *,
    country: str,
    region: str = "",
    by: str = NEAR,
    most_parcels: int = 0,
    least_units: int = 0,
) -> Route:
    """Choose warehouses for an order.

    free   units available by (SKU id, warehouse id); a SKU on several lines is summed
    The fewest warehouses win; among equals one that is not full, then by `by`: in the customer's region, in
    their country, the fewest kilometres; or the lowest cost; then the lower priority number. What no
    warehouse has, or none that reaches the destination, is left over in `short`.
    """
    reaching = [w for w in warehouses if w.reaches]
    need = _needed(wanted)
    candidates = [_score(w, wanted, need, free, country, region) for w in reaching]
    ranked = sorted(
        zip(candidates, reaching, strict=True), key=lambda pair: _rank(pair[0], pair[1], by)
    )
    left = [want.quantity for want in wanted]
    if ranked and ranked[0][0]["covers"] == ranked[0][0]["of"]:
        return _one_parcel(wanted, ranked, candidates, country, by)
    pool = {
        (part, w.id): free[part, w.id] for part in need for w in reaching if (part, w.id) in free
    }
    shares, chosen, limited = _several(wanted, ranked, left, pool, most_parcels, least_units)
    short = _short(wanted, left)
    reasons = _reasons(chosen, ranked, short, country, by)
    if limited:
        reasons.append(reason("parcels_limited", most=most_parcels, least=least_units))
    reasons += [reason("out_of_reach", warehouse=w.code) for w in warehouses if not w.reaches]
    return Route(
        shares=shares,
        backordered={w.line: missing for w, missing in zip(wanted, left, strict=True) if missing},
        short=short,
        warehouses=chosen,
        candidates=candidates,
        reasons=reasons,
        counterfactual=_counterfactual(ranked, chosen),
    )


def _needed(wanted: Sequence[Wanted]) -> dict[int, int]:
    """Units that leave the shelf for all lines, by SKU id; a bundle's are those of its parts."""
    need: dict[int, int] = {}
    for want in wanted:
        for part, each in want.parts:
            need[part] = need.get(part, 0) + want.quantity * each
    return need


def _short(wanted: Sequence[Wanted], left: Sequence[int]) -> dict[str, int]:
    short: dict[str, int] = {}
    for want, missing in zip(wanted, left, strict=True):
        if missing:
            short[want.sku] = short.get(want.sku, 0) + missing
    return short


def _several(
    wanted: Sequence[Wanted],
    ranked: Sequence[tuple[dict[str, Any], WarehouseFacts]],
    left: list[int],
    pool: dict[tuple[int, int], int],
    most_parcels: int,
    least_units: int,
) -> tuple[list[Share], list[str], bool]:
    """Take from one warehouse after another, the most useful first; `left` and `pool` are used up.

    Returns the shares, the warehouses' codes, and whether a limit ended it.
    """
    shares: list[Share] = []
    chosen: list[str] = []
    while any(left):
        best, units = _most_useful(ranked, wanted, left, pool)
        if best is None:
            break
        too_many = bool(most_parcels) and len(chosen) >= most_parcels
        too_few = units < least_units and units < sum(left)
        if chosen and (too_many or too_few):
            return shares, chosen, True
        chosen.append(best.code)
        for index, want in enumerate(wanted):
            taken = min(left[index], _makes(want, best.id, pool))
            if taken > 0:
                shares.append(Share(want.line, want.sku_id, best.id, taken, want.parts))
                for part, each in want.parts:
                    pool[part, best.id] -= taken * each
                left[index] -= taken
    return shares, chosen, False


def _rank(score: Mapping[str, Any], warehouse: WarehouseFacts, by: str) -> tuple[Any, ...]:
    """Where a warehouse stands among the others: the lowest is asked first."""
    far = warehouse.distance_km if warehouse.distance_km is not None else 10**6
    dear = warehouse.cost if warehouse.cost is not None else Decimal(10**9)
    near = (not score.get("same_region", False), not score["same_country"], far)
    order: tuple[Any, ...] = (*near, dear)
    if by == CHEAP:
        order = (dear, *near)
    elif by == PREFERRED:
        order = (warehouse.priority, *near)
    return (-score["covers"], warehouse.is_full, *order, warehouse.priority, warehouse.id)


def _one_parcel(
    wanted: Sequence[Wanted],
    ranked: Sequence[tuple[dict[str, Any], WarehouseFacts]],
    candidates: list[dict[str, Any]],
    country: str,
    by: str,
) -> Route:
    """The route of an order that the first warehouse covers whole: most orders."""
    best = ranked[0][1]
    shares = [Share(w.line, w.sku_id, best.id, w.quantity, w.parts) for w in wanted if w.quantity]
    chosen = [best.code] if shares else []
    return Route(
        shares=shares,
        backordered={},
        short={},
        warehouses=chosen,
        candidates=candidates,
        reasons=_reasons(chosen, ranked, {}, country, by),
        counterfactual=_counterfactual(ranked, chosen),
    )


def _makes(want: Wanted, warehouse_id: int, pool: Mapping[tuple[int, int], int]) -> int:
    """How many of a line a warehouse can make up: the part that runs out first decides."""
    if want.only and warehouse_id not in want.only:
        return 0
    return min(max(0, pool.get((part, warehouse_id), 0)) // each for part, each in want.parts)


def _score(
    warehouse: WarehouseFacts,
    wanted: Sequence[Wanted],
    need: Mapping[int, int],
    free: Mapping[tuple[int, int], int],
    country: str,
    region: str,
) -> dict[str, Any]:
    barred = {
        part
        for want in wanted
        if want.only and warehouse.id not in want.only
        for part, _each in want.parts
    }
    covered = sum(
        min(n, max(0, free.get((sku, warehouse.id), 0)))
        for sku, n in need.items()
        if sku not in barred
    )
    score = {
        "warehouse": warehouse.code,
        "covers": covered,
        "of": sum(need.values()),
        "same_country": warehouse.country == country,
        "priority": warehouse.priority,
    }
    if region and warehouse.region == region:
        score["same_region"] = True
    if warehouse.distance_km is not None:
        score["distance_km"] = warehouse.distance_km
    if warehouse.cost is not None:
        score["cost"] = str(warehouse.cost)
    if warehouse.is_full:
        score["is_full"] = True
    return score


def _most_useful(
    ranked: Sequence[tuple[dict[str, Any], WarehouseFacts]],
    wanted: Sequence[Wanted],
    left: Sequence[int],
    pool: Mapping[tuple[int, int], int],
) -> tuple[WarehouseFacts | None, int]:
    """The warehouse that can send most of what is left, and how many units that is."""
    best, best_units = None, 0
    for _, warehouse in ranked:
        there = dict(pool)
        units = 0
        for index, want in enumerate(wanted):
            take = min(left[index], _makes(want, warehouse.id, there))
            for part, each in want.parts if take else ():
                there[part, warehouse.id] -= take * each
            units += take
        if units > best_units:
            best, best_units = warehouse, units
    return best, best_units


def _reasons(
    chosen: Sequence[str],
    ranked: Sequence[tuple[dict[str, Any], WarehouseFacts]],
    short: Mapping[str, int],
    country: str,
    by: str,
) -> list[dict[str, Any]]:
    reasons = []
    by_code = {warehouse.code: score for score, warehouse in ranked}
    if len(chosen) == 1 and not short:
        score = by_code[chosen[0]]
        code = "one_parcel_same_country" if score["same_country"] else "one_parcel"
        reasons.append(reason(code, warehouse=chosen[0], country=country))
        if by == CHEAP and "cost" in score:
            reasons.append(reason("cheapest", warehouse=chosen[0], cost=score["cost"]))
        elif "distance_km" in score:
            reasons.append(reason("nearest", warehouse=chosen[0], km=score["distance_km"]))
    elif chosen:
        reasons.append(reason("split_over", warehouses=list(chosen)))
    for score, warehouse in ranked:
        if score.get("is_full") and warehouse.code not in chosen and score["covers"]:
            reasons.append(reason("is_full", warehouse=warehouse.code))
    reasons += [reason("short_of", sku=sku, quantity=n) for sku, n in sorted(short.items())]
    return reasons


def _counterfactual(
    ranked: Sequence[tuple[dict[str, Any], WarehouseFacts]], chosen: Sequence[str]
) -> dict[str, Any] | None:
    """The nearest other warehouse, and how many units more it would have needed."""
    for score, warehouse in ranked:
        if warehouse.code not in chosen:
            return {
                "code": "other_warehouse",
                "params": {
                    "warehouse": warehouse.code,
                    "units_more": score["of"] - score["covers"],
                },
            }
    return None
