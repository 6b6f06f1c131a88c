"""Implements the classical inventory formulas: how much to order, and when.

Sources: Harris 1913 (EOQ); Arrow, Harris and Marschak 1951 (newsvendor); Federgruen and Zheng
1992 ((r, Q), Poisson); Zheng and Federgruen 1991 ((s, S), discrete); Ehrhardt and Mosier 1984
(power approximation). Rates and costs share one unit of time; holding and stock-out cost are
per unit and unit of time, `fixed_cost` per order.
"""

import math
from collections.abc import Callable
from statistics import NormalDist

STANDARD = NormalDist()


def economic_order_quantity(
    fixed_cost: float, holding_cost: float, demand_rate: float
) -> tuple[float, float]:
    """The order quantity of least cost, and that cost per unit of time."""
    quantity = math.sqrt(2 * fixed_cost * demand_rate / holding_cost)
    return quantity, math.sqrt(2 * fixed_cost * demand_rate * holding_cost)


def economic_order_quantity_with_backorders(
    fixed_cost: float, holding_cost: float, stockout_cost: float, demand_rate: float
) -> tuple[float, float, float]:
    """The order quantity, the fraction of demand backordered, and the cost per unit of time."""
    ratio = holding_cost / (holding_cost + stockout_cost)
    quantity, cost = economic_order_quantity(fixed_cost, holding_cost, demand_rate)
    return quantity / math.sqrt(1 - ratio), ratio, cost * math.sqrt(1 - ratio)


def newsvendor_normal(
    holding_cost: float, stockout_cost: float, mean: float, sd: float
) -> tuple[float, float]:
    """The base-stock level for normal demand of a period, and its expected cost."""
    z = STANDARD.inv_cdf(stockout_cost / (stockout_cost + holding_cost))
    return mean + z * sd, (holding_cost + stockout_cost) * STANDARD.pdf(z) * sd


def newsvendor_poisson(holding_cost: float, stockout_cost: float, mean: float) -> tuple[int, float]:
    """The least base-stock level whose chance of covering Poisson demand is the critical ratio."""
    ratio = stockout_cost / (stockout_cost + holding_cost)
    level, chance = 0, math.exp(-mean)
    below = chance
    while below < ratio:
        level += 1
        chance *= mean / level
        below += chance
    return level, poisson_cost(level, holding_cost, stockout_cost, mean)


def poisson_cost(level: int, holding_cost: float, stockout_cost: float, mean: float) -> float:
    """Expected holding and stock-out cost of a period that starts with `level` units."""
    left = 0.0  # expected units left over
    for demand in range(max(0, level) + 1):
        left += (level - demand) * poisson_chance(demand, mean)
    return holding_cost * left + stockout_cost * (mean - level + left)


def poisson_chance(count: int, mean: float) -> float:
    """P(X = count) of a Poisson distribution."""
    if mean == 0:
        return 1.0 if count == 0 else 0.0
    return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))


def reorder_point_normal(
    holding_cost: float,
    stockout_cost: float,
    fixed_cost: float,
    demand_mean: float,
    demand_sd: float,
    lead_time: float,
) -> tuple[float, float]:
    """Reorder point and order quantity (r, Q): the EOQ plus safety stock for normal demand."""
    quantity, _cost = economic_order_quantity(fixed_cost, holding_cost, demand_mean)
    point, _cost = newsvendor_normal(
        holding_cost, stockout_cost, demand_mean * lead_time, demand_sd * math.sqrt(lead_time)
    )
    return point, quantity


def reorder_point_poisson(
    holding_cost: float,
    stockout_cost: float,
    fixed_cost: float,
    demand_mean: float,
    lead_time: float,
) -> tuple[int, int, float]:
    """The optimal (r, Q) for Poisson demand, and its cost per unit of time.

    The cost of inventory position y is convex; the best Q positions are the Q cheapest ones, so
    the window of positions grows at whichever end is cheaper while that lowers the average.
    """
    mean = demand_mean * lead_time
    cost: Callable[[int], float] = lambda y: poisson_cost(y, holding_cost, stockout_cost, mean)  # noqa: E731
    best, _cost = newsvendor_poisson(holding_cost, stockout_cost, mean)
    point, quantity = best - 1, 1
    total = fixed_cost * demand_mean + cost(best)
    while True:
        below, above = cost(point), cost(point + quantity + 1)
        cheaper = min(below, above)
        if (total + cheaper) / (quantity + 1) > total / quantity:
            return point, quantity, total / quantity
        total += cheaper
        quantity += 1
        if below < above:
            point -= 1


def order_up_to_poisson(
    holding_cost: float, stockout_cost: float, fixed_cost: float, demand_mean: float
) -> tuple[int, int, float]:
    """The optimal (s, S) for Poisson demand, reviewed every period, no lead time; and its cost."""

    def period(y: int) -> float:
        return poisson_cost(y, holding_cost, stockout_cost, demand_mean)

    renewal = [1 / (1 - poisson_chance(0, demand_mean))]  # expected visits i units below S

    def visits(steps: int) -> list[float]:
        while len(renewal) < steps:
            n = len(renewal)
            ahead = sum(poisson_chance(k, demand_mean) * renewal[n - k] for k in range(1, n + 1))
            renewal.append(ahead * renewal[0])
        return renewal[:steps]

    def average(low: int, high: int) -> float:
        weights = visits(high - low)
        spent = fixed_cost + sum(w * period(high - n) for n, w in enumerate(weights))
        return spent / sum(weights)

    peak, _cost = newsvendor_poisson(holding_cost, stockout_cost, demand_mean)
    low = peak - 1
    while average(low, peak) > period(low):
        low -= 1
    best_low, best_high, best = low, peak, average(low, peak)
    high = peak + 1
    while period(high) <= best:
        if average(best_low, high) < best:
            best_high = high
            while average(low, best_high) <= period(low + 1):
                low += 1
            best_low, best = low, average(low, best_high)
        high += 1
    return best_low, best_high, best


def order_up_to_normal(
    holding_cost: float,
    stockout_cost: float,
    fixed_cost: float,
    demand_mean: float,
    demand_sd: float,
    lead_time: float = 0,
) -> tuple[float, float]:
    """(s, S) for normal demand of a period by the power approximation; lead time in periods.

    The plain form, without the correction for lots that are small against a period's demand.
    """
    mean = demand_mean * (lead_time + 1)
    sd = demand_sd * math.sqrt(lead_time + 1)
    quantity = (
        1.30
        * demand_mean**0.494
        * (fixed_cost / holding_cost) ** 0.506
        * (1 + sd**2 / demand_mean**2) ** 0.116
    )
    z = math.sqrt(quantity * holding_cost / (sd * stockout_cost))
    low = 0.973 * mean + sd * (0.183 / z + 1.063 - 2.192 * z)
    return low, low + quantity
