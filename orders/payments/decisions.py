"""Decides the amount to capture when parcels ship."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec import Struct


class LineShipped(Struct, frozen=True):
    """A line: what its customer pays for it, units that are wanted, units that have left.

    A service leaves with the first.
    """

    total: Decimal
    wanted: int
    shipped: int
    is_service: bool = False


def due(
    lines: Sequence[LineShipped],
    *,
    shipping: Decimal,
    total: Decimal,
    captured: Decimal,
    currency: str,
    rounded: Callable[[Decimal, str], Decimal],
) -> Decimal:
    """What to capture now of an order's total.

    shipping   with its tax; it is captured with the first parcel, as services are
    Worked out of everything that has left, so that roundings of parcels never add up: with the last parcel
    exactly the total has been captured.
    """
    goods = [line for line in lines if not line.is_service]
    if not any(line.shipped for line in goods):
        return Decimal(0)
    if all(line.shipped >= line.wanted for line in goods):
        return max(Decimal(0), total - captured)
    so_far = shipping + sum((line.total for line in lines if line.is_service), Decimal(0))
    for line in goods:
        if line.wanted:
            so_far += rounded(line.total * line.shipped / line.wanted, currency)
    return max(Decimal(0), min(so_far, total) - captured)
