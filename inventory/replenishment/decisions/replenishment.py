"""Decides whether to buy a SKU for a warehouse, how much of it, and why.

Periodic review: at every review the inventory position (available + incoming − backordered) must
last until the goods of the *next* review can arrive, so it is compared with the demand of lead
time + review period at the wanted service level. Demand of that interval is taken as negative
binomial (or Poisson, where it varies less): sales of most SKUs are few and come in clumps, for
which a normal distribution buys too little.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import mul
from statistics import median

from erp.reasons import Reason, reason

ENGINE = "replenishment/2"  # 1 took the first days' sales of a new SKU for its rate


HALF_LIFE = 21.0  # days


SPIKE = 4.0  # times the usual busy day; what is above is not repeated demand


LEAST_DAYS = 14  # of history: what is known for less is taken to have sold nothing before


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a SKU in a warehouse when its stock is reviewed.

    demand        units a day, oldest first, days without sales as zero
    lead_time_days, lead_time_sd    from order to receipt, and how much that varies
    service_level    the chance not to run out before the next goods come, 0 to 1
    moq, pack     least order and multiple of the supplier, units
    reorder_point, order_up_to    set by a person; they replace what is computed
    """

    demand: Sequence[float]
    available: int
    incoming: int
    backordered: int
    lead_time_days: float
    lead_time_sd: float = 0.0
    review_days: float = 7.0
    service_level: float = 0.95
    safety: int = 0
    moq: int = 1
    pack: int = 1
    reorder_point: int | None = None
    order_up_to: int | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What to buy (0: nothing), and why. `reasons` are codes with their figures."""

    quantity: int
    position: int
    reorder_point: int
    order_up_to: int
    daily_mean: float
    daily_variance: float
    spikes: int
    reasons: list[Reason] = field(default_factory=list)


def advise(facts: Facts) -> Advice:
    """Judge one SKU in one warehouse."""
    usual, spikes = without_spikes(facts.demand)
    mean, variance = forecast(_with_least_history(usual))
    reach = facts.lead_time_days + facts.review_days
    over_mean = mean * reach
    over_variance = variance * reach + (mean * facts.lead_time_sd) ** 2
    lead_variance = variance * facts.lead_time_days + (mean * facts.lead_time_sd) ** 2
    computed_point = quantile(mean * facts.lead_time_days, lead_variance, facts.service_level)
    computed_top = quantile(over_mean, over_variance, facts.service_level)
    point = (
        facts.reorder_point if facts.reorder_point is not None else computed_point + facts.safety
    )
    top = facts.order_up_to if facts.order_up_to is not None else computed_top + facts.safety
    top = max(top, point)
    position = facts.available + facts.incoming - facts.backordered
    missing = top - position
    # Between reviews nobody looks, so buy when the next goods would come too late.
    due = position <= point if facts.reorder_point is not None else position < top
    wanted = max(0, missing) if due else 0
    quantity = rounded_up(wanted, facts.moq, facts.pack)
    return Advice(
        quantity=quantity,
        position=position,
        reorder_point=point,
        order_up_to=top,
        daily_mean=mean,
        daily_variance=variance,
        spikes=spikes,
        reasons=_reasons(facts, mean, variance, spikes, point, top, position, wanted, quantity),
    )


def _with_least_history(demand: Sequence[float]) -> Sequence[float]:
    """Demand over two weeks at least, where there is any.

    A series begins with its first sale: its mean over two days is the rate of a day on which something sold.
    """
    missing = LEAST_DAYS - len(demand)
    return [0.0] * missing + list(demand) if demand and missing > 0 else demand


def without_spikes(demand: Sequence[float]) -> tuple[list[float], int]:
    """Daily demand with single huge days cut down, and how many those were.

    A spike is more than `SPIKE` times the busy day of usual (the 90th percentile of the days with
    sales): one bulk order does not come every week. It is cut to that limit, not left out whole.
    """
    sold = sorted(d for d in demand if d > 0)
    if len(sold) < 5:
        return list(demand), 0
    busy = sold[min(len(sold) - 1, math.ceil(0.9 * len(sold)) - 1)]
    limit = SPIKE * max(busy if busy <= 10 * median(sold) else median(sold), 1.0)
    return [min(d, limit) for d in demand], sum(d > limit for d in demand)


def forecast(demand: Sequence[float]) -> tuple[float, float]:
    """Mean and variance of the coming days' demand: exponential smoothing over all days known.

    A day counts half as much as one `HALF_LIFE` days later, so that what comes and goes is
    followed while steady sellers keep their average. Nothing known: nothing expected.
    """
    if not demand:
        return 0.0, 0.0
    weights = _weights(len(demand))
    mean = sum(map(mul, weights, demand))
    return mean, sum(w * (d - mean) ** 2 for w, d in zip(weights, demand, strict=True))


@lru_cache(maxsize=512)
def _weights(days: int) -> tuple[float, ...]:
    """The weight of each of so many days, oldest first; they add up to 1."""
    raw = [0.5 ** ((days - 1 - day) / HALF_LIFE) for day in range(days)]
    total = sum(raw)
    return tuple(weight / total for weight in raw)


def quantile(mean: float, variance: float, level: float) -> int:
    """The least count that demand stays within with chance `level`."""
    if mean <= 0:
        return 0
    if variance <= mean * 1.0001:
        return _poisson_quantile(mean, level)
    size = mean * mean / (variance - mean)  # negative binomial: variance = mean + mean²/size
    chance_of_none = size / (size + mean)
    if mean > 5000:  # far out the sum of many days is normal enough
        from statistics import NormalDist

        return max(0, math.ceil(mean + NormalDist().inv_cdf(level) * math.sqrt(variance)))
    log_p = size * math.log(chance_of_none)
    probability = math.exp(log_p)
    if probability == 0.0:
        return _by_gamma(mean, variance, level)
    count, below = 0, probability
    while below < level and count < 1_000_000:
        probability *= (count + size) / (count + 1) * (1 - chance_of_none)
        count += 1
        below += probability
    return count


def _by_gamma(mean: float, variance: float, level: float) -> int:
    """As a gamma by Wilson and Hilferty's cube root, where the sum would underflow."""
    from statistics import NormalDist

    shape = mean * mean / variance
    z = NormalDist().inv_cdf(level)
    root = 1 - 1 / (9 * shape) + z / (3 * math.sqrt(shape))
    return max(0, math.ceil(mean * max(0.0, root) ** 3))


def _poisson_quantile(mean: float, level: float) -> int:
    if mean > 700:
        return _by_gamma(mean, mean, level)
    probability = below = math.exp(-mean)
    count = 0
    while below < level:
        count += 1
        probability *= mean / count
        below += probability
    return count


def rounded_up(wanted: int, moq: int, pack: int) -> int:
    """Units to order: at least `moq`, in whole packs; nothing wanted, nothing ordered."""
    if wanted <= 0:
        return 0
    units = max(wanted, moq)
    return -(-units // pack) * pack


def _reasons(
    facts: Facts,
    mean: float,
    variance: float,
    spikes: int,
    point: int,
    top: int,
    position: int,
    wanted: int,
    quantity: int,
) -> list[Reason]:
    found = [
        reason(
            "demand", daily=round(mean, 2), sd=round(math.sqrt(variance), 2), days=len(facts.demand)
        ),
    ]
    if 0 < len(facts.demand) < LEAST_DAYS:
        found.append(reason("short_history", days=len(facts.demand), least=LEAST_DAYS))
    if spikes:
        found.append(reason("spikes_cut", days=spikes))
    found.append(
        reason(
            "covers",
            lead=round(facts.lead_time_days, 1),
            review=round(facts.review_days, 1),
            level=round(facts.service_level * 100, 1),
        )
    )
    if facts.reorder_point is not None or facts.order_up_to is not None:
        found.append(reason("set_by_hand", point=point, top=top))
    else:
        found.append(reason("order_up_to", top=top, point=point, safety=facts.safety))
    found.append(
        reason(
            "position",
            available=facts.available,
            incoming=facts.incoming,
            backordered=facts.backordered,
            position=position,
        )
    )
    if not wanted:
        found.append(reason("enough"))
    elif quantity != wanted:
        found.append(
            reason("rounded", wanted=wanted, quantity=quantity, moq=facts.moq, pack=facts.pack)
        )
    else:
        found.append(reason("buy", quantity=quantity))
    return found
