"""Allocates landed cost over goods to the ten-thousandth, so that nothing is lost."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal

UNIT = Decimal("0.0001")


def spread_cost(amount: Decimal, weights: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Spread an amount by weights, by SKU id: largest remainder, so that the shares sum to it.

    All weights zero: spread evenly. No weights: nothing.
    """
    if not weights:
        return {}
    total = sum(weights.values())
    exact = {
        key: amount * (w / total if total else Decimal(1) / len(weights))
        for key, w in weights.items()
    }
    shares = {key: value.quantize(UNIT, ROUND_DOWN) for key, value in exact.items()}
    left = int((amount - sum(shares.values())) / UNIT)
    by_rest = sorted(exact, key=lambda key: (shares[key] - exact[key], key))
    for key in by_rest[:left]:
        shares[key] += UNIT
    return shares
