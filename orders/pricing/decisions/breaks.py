"""Finds the price of a unit by the quantity breaks of its SKU, counted over all lines of an order."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct


class LineToPrice(Struct, frozen=True):
    """One line: `breaks` are (from quantity, unit price), ascending; `given` a foreign price.

    group   of customers, whose own price list the breaks are of
    """

    sku: str
    quantity: int
    breaks: Sequence[tuple[int, Decimal]]
    tax_rate: Decimal
    given: Decimal | None = None
    group: str = ""


def units_by_sku(lines: Sequence[LineToPrice]) -> dict[str, int]:
    """Units of each SKU over the lines that have our price: what its quantity breaks count."""
    found: dict[str, int] = {}
    for line in lines:
        if line.given is None:
            found[line.sku] = found.get(line.sku, 0) + line.quantity
    return found


def unit_price(line: LineToPrice, units: int | None = None) -> Decimal:
    """The price for a quantity, the line's own unless it is said: the last break it reaches, or what was given."""
    units = line.quantity if units is None else units
    if line.given is not None:
        return line.given
    price = line.breaks[0][1]
    for minimum, amount in line.breaks:
        if units >= minimum:
            price = amount
    return price
