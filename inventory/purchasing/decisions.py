"""Allocates landed cost over goods to the ten-thousandth, so that nothing is lost."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal

from erp.money import rounded

UNIT = Decimal("0.0001")


def sum_of_line(unit_price: Decimal, quantity: int, currency: str) -> Decimal:
    """What a line of a purchase order costs: whole minor units of its currency, rounded half up.

    The price of one unit may be finer (0.0375 CNY for a screw, 10.1 JPY); nobody pays three tenths of a yen.
    """
    return rounded(unit_price * quantity, currency)


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
