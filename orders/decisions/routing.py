"""Which warehouse ships what: one parcel if it can be, the nearest, then the preferred."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, structs

from orders.decisions.reasons import reason

ENGINE = "routing/2"  # 1 did not keep what was free


class WarehouseFacts(Struct, frozen=True):
    id: int
    code: str
    country: str
    priority: int


class Wanted(Struct, frozen=True):
    """Units of one SKU wanted by one line; `line` is its index in the order.

    made_of   what leaves the shelf for one unit, as (SKU id, units): itself, or a bundle's parts
    """

    line: int
    sku_id: int
    sku: str
    quantity: int
    made_of: tuple[tuple[int, int], ...] = ()

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
    """What a route was chosen from. `free` has (SKU id, warehouse id, units), of the SKUs that are wanted."""

    wanted: Sequence[Wanted]
    warehouses: Sequence[WarehouseFacts]
    free: Sequence[tuple[int, int, int]]
    country: str


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
    chosen = route(asked.wanted, asked.warehouses, free, country=asked.country)
    return structs.replace(chosen, asked=asked)


def route(
    wanted: Sequence[Wanted],
    warehouses: Sequence[WarehouseFacts],
    free: Mapping[tuple[int, int], int],
    *,
    country: str,
) -> Route:
    """Choose warehouses for an order.

    free   units available by (SKU id, warehouse id); a SKU on several lines is summed
    The fewest warehouses win; among equals the one in the customer's country, then the
    lower priority number. What no warehouse has is left over in `short`.
    """
    need: dict[int, int] = {}
    for want in wanted:
        for part, each in want.parts:
            need[part] = need.get(part, 0) + want.quantity * each
    candidates = [_score(w, need, free, country) for w in warehouses]
    ranked = sorted(
        zip(candidates, warehouses, strict=True),
        key=lambda pair: (
            -pair[0]["covers"],
            not pair[0]["same_country"],
            pair[1].priority,
            pair[1].id,
        ),
    )
    left = [want.quantity for want in wanted]
    if ranked and ranked[0][0]["covers"] == ranked[0][0]["of"]:
        return _one_parcel(wanted, ranked, candidates, country)
    pool = {
        (part, w.id): free[part, w.id]
        for part in need
        for w in warehouses
        if (part, w.id) in free
    }
    shares: list[Share] = []
    chosen: list[str] = []
    while any(left):
        best = _most_useful(ranked, wanted, left, pool)
        if best is None:
            break
        chosen.append(best.code)
        for index, want in enumerate(wanted):
            taken = min(left[index], _makes(want, best.id, pool))
            if taken > 0:
                shares.append(Share(want.line, want.sku_id, best.id, taken, want.parts))
                for part, each in want.parts:
                    pool[part, best.id] -= taken * each
                left[index] -= taken
    short: dict[str, int] = {}
    for want, missing in zip(wanted, left, strict=True):
        if missing:
            short[want.sku] = short.get(want.sku, 0) + missing
    return Route(
        shares=shares,
        backordered={
            w.line: missing for w, missing in zip(wanted, left, strict=True) if missing
        },
        short=short,
        warehouses=chosen,
        candidates=candidates,
        reasons=_reasons(chosen, ranked, short, country),
        counterfactual=_counterfactual(ranked, chosen),
    )


def _one_parcel(
    wanted: Sequence[Wanted],
    ranked: Sequence[tuple[dict[str, Any], WarehouseFacts]],
    candidates: list[dict[str, Any]],
    country: str,
) -> Route:
    """The route of an order that the first warehouse covers whole: most orders."""
    best = ranked[0][1]
    shares = [
        Share(w.line, w.sku_id, best.id, w.quantity, w.parts) for w in wanted if w.quantity
    ]
    chosen = [best.code] if shares else []
    return Route(
        shares=shares,
        backordered={},
        short={},
        warehouses=chosen,
        candidates=candidates,
        reasons=_reasons(chosen, ranked, {}, country),
        counterfactual=_counterfactual(ranked, chosen),
    )


def _makes(want: Wanted, warehouse_id: int, pool: Mapping[tuple[int, int], int]) -> int:
    """How many of a line a warehouse can make up: the part that runs out first decides."""
    return min(max(0, pool.get((part, warehouse_id), 0)) // each for part, each in want.parts)


def _score(
    warehouse: WarehouseFacts,
    need: Mapping[int, int],
    free: Mapping[tuple[int, int], int],
    country: str,
) -> dict[str, Any]:
    covered = sum(min(n, max(0, free.get((sku, warehouse.id), 0))) for sku, n in need.items())
    return {
        "warehouse": warehouse.code,
        "covers": covered,
        "of": sum(need.values()),
        "same_country": warehouse.country == country,
        "priority": warehouse.priority,
    }


def _most_useful(
    ranked: Sequence[tuple[dict[str, Any], WarehouseFacts]],
    wanted: Sequence[Wanted],
    left: Sequence[int],
    pool: Mapping[tuple[int, int], int],
) -> WarehouseFacts | None:
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
    return best


def _reasons(
    chosen: Sequence[str],
    ranked: Sequence[tuple[dict[str, Any], WarehouseFacts]],
    short: Mapping[str, int],
    country: str,
) -> list[dict[str, Any]]:
    reasons = []
    by_code = {warehouse.code: score for score, warehouse in ranked}
    if len(chosen) == 1 and not short:
        score = by_code[chosen[0]]
        code = "one_parcel_same_country" if score["same_country"] else "one_parcel"
        reasons.append(reason(code, warehouse=chosen[0], country=country))
    elif chosen:
        reasons.append(reason("split_over", warehouses=list(chosen)))
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
