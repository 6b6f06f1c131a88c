"""Decides how much of a line can be refunded."""

from collections.abc import Callable
from decimal import Decimal


def refundable(
    *,
    total: Decimal,
    ordered: int,
    refunded: int,
    quantity: int,
    currency: str,
    rounded: Callable[[Decimal, str], Decimal],
) -> Decimal:
    """What `quantity` more units of a line are worth, so that all units sum to its total.

    total     what the customer pays for the line
    refunded  units refunded before
    """

    def share(units: int) -> Decimal:
        return rounded(total * units / ordered, currency)

    return share(refunded + quantity) - share(refunded)
