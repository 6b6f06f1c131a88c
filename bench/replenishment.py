"""Compares the replenishment decision with two plain rules on a real wholesaler's demand.

UCI Online Retail (`../shared/data`), the days with trade: 150 days learnt, the 55 after judged. Every
SKU is reviewed every `REVIEW` days, goods come `LEAD` days later, what is not there is lost. A policy
sees the demand of the days before and nothing else: the simulation hands it a slice.

Every policy has one knob (service level, or a factor); turning it gives a curve of fill rate against
average stock, and curves are compared where the average stock is equal.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import fmean, pstdev

from bench.replay import DATA, openings

LEARNT, LEAD, REVIEW = 150, 7, 7
Policy = Callable[[Sequence[float], float], int]  # (demand so far, knob) -> order up to


@lru_cache(maxsize=1)
def daily_demand(folder: Path = DATA) -> dict[str, list[float]]:
    """Units sold by SKU code, one number for each day with trade, the first day first."""
    from erp.files import RawRow, read_rows

    known = set(openings(folder))
    days: dict[str, int] = {}
    sold: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in read_rows(folder / "by-day-csv.tar.zst"):
        if not isinstance(row, RawRow):
            continue
        day = days.setdefault(row.file, len(days))
        code, units = row.cells[1], int(row.cells[3])
        if code in known and units > 0 and not row.cells[0].startswith("C"):
            sold[code][day] += units
    return {
        code: [float(by_day.get(d, 0)) for d in range(len(days))] for code, by_day in sold.items()
    }


def ours(demand: Sequence[float], level: float) -> int:
    """The product's own decision at a service level."""
    from inventory.replenishment.decisions.replenishment import Facts, advise

    facts = Facts(demand, 0, 0, 0, float(LEAD), 0.0, float(REVIEW), service_level=level)
    return advise(facts).order_up_to


def min_max(demand: Sequence[float], factor: float) -> int:
    """Levels set once from what was learnt: mean demand of lead time and review, times a factor."""
    return round(fmean(demand[:LEARNT]) * (LEAD + REVIEW) * factor)


def naive(demand: Sequence[float], factor: float) -> int:
    """What was sold in the last period will be sold again, times a factor."""
    return round(sum(demand[-(LEAD + REVIEW) :]) * factor)


@dataclass(frozen=True)
class Judged:
    """A policy at one setting: share of units served at once, and average units on hand."""

    knob: float
    fill_rate: float
    average_stock: float


def judge(
    policy: Policy, knob: float, demand: dict[str, list[float]], until: int | None = None
) -> Judged:
    """Run a policy over the days after `LEARNT`; it is given the demand of earlier days alone."""
    asked = served = held = 0.0
    days = until or max(map(len, demand.values()))
    for series in demand.values():
        top = policy(series[:LEARNT], knob)
        on_hand, coming = float(top), {}  # type: float, dict[int, float]
        for day in range(LEARNT, days):
            on_hand += coming.pop(day, 0.0)
            if (day - LEARNT) % REVIEW == 0:
                top = policy(series[:day], knob)
                missing = top - on_hand - sum(coming.values())
                if missing > 0:
                    coming[day + LEAD] = coming.get(day + LEAD, 0.0) + missing
            sold = min(on_hand, series[day])
            asked += series[day]
            served += sold
            on_hand -= sold
            held += on_hand
    return Judged(knob, served / asked, held / (days - LEARNT))


def at_stock(curve: list[Judged], stock: float) -> float:
    """Fill rate where a curve holds `stock` units on average, by linear interpolation."""
    curve = sorted(curve, key=lambda j: j.average_stock)
    n = bisect_left([j.average_stock for j in curve], stock)
    if n == 0 or n == len(curve):
        raise ValueError("the curve does not reach that stock")
    low, high = curve[n - 1], curve[n]
    part = (stock - low.average_stock) / (high.average_stock - low.average_stock)
    return low.fill_rate + part * (high.fill_rate - low.fill_rate)


KNOBS: dict[str, tuple[Policy, tuple[float, ...]]] = {
    "ours": (ours, (0.3, 0.5, 0.65, 0.8, 0.88, 0.93, 0.96, 0.98, 0.99, 0.995)),
    "min/max": (min_max, (0.3, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2, 3.0, 4.0, 6.0)),
    "last period": (naive, (0.3, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2, 3.0, 4.0, 6.0)),
}


def curves(demand: dict[str, list[float]]) -> dict[str, list[Judged]]:
    """Every policy at every setting."""
    return {
        name: [judge(policy, knob, demand) for knob in knobs]
        for name, (policy, knobs) in KNOBS.items()
    }


def main() -> None:
    """Print fill rates at equal average stock."""
    if not DATA.exists():
        print("The Online Retail days are not beside this checkout: nothing to judge.")
        return
    demand = daily_demand()
    found = curves(demand)
    print(
        f"{len(demand):,} SKUs, lead time {LEAD}, review {REVIEW}; learnt {LEARNT} days, judged"
        f" {max(map(len, demand.values())) - LEARNT}; demand a day {sum(map(fmean, demand.values())):,.0f}"
        f" units, sd over SKUs {pstdev([fmean(d) for d in demand.values()]):,.1f}"
    )
    print(f"{'average stock':>14} " + "".join(f"{name:>13}" for name in found))
    for judged in found["ours"]:
        cells = []
        for name, curve in found.items():
            try:
                rate = judged.fill_rate if name == "ours" else at_stock(curve, judged.average_stock)
                cells.append(f"{rate:13.2%}")
            except ValueError:
                cells.append(f"{'–':>13}")
        print(f"{judged.average_stock:14,.0f} " + "".join(cells), flush=True)
