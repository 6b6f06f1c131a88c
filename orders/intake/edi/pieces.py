"""Turns the quantity and the price of a line into pieces and the price of one."""

from decimal import Decimal

from orders.intake.edi.purchases import Item, Purchase
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.units import pieces_in

ZERO, ONE = Decimal(0), Decimal(1)


MOST_UNITS = 1_000_000


def pieces_of(item: Item, purchase: Purchase) -> tuple[int, Decimal]:
    """The pieces of a line, and how many one unit of its quantity is. Raises Unreadable.

    A unit that nobody can count in pieces is doubted by its name.
    """
    in_one = pieces_in(item.unit, item.pack)
    if in_one is None:
        purchase.doubt(f"unit_of_measure:{item.unit[:20]}")
        in_one = ONE
    stated = item.quantity
    pieces = ZERO if stated is None else stated * in_one
    if pieces != int(pieces) or not 1 <= pieces <= MOST_UNITS:
        value = "–" if stated is None else f"{stated:f}"
        raise Unreadable("quantity_not_whole", line=item.key[:20], value=value[:30])
    return int(pieces), in_one


def price_of_one(item: Item, in_one: Decimal, purchase: Purchase) -> Decimal | None:
    """What one piece costs, by the unit that the price is of. Raises Unreadable for the price of none."""
    if item.price is None:
        return None
    if item.price_per <= 0:
        raise Unreadable("number_unreadable", what=item.key[:20], value=f"{item.price_per:f}"[:40])
    unit = item.unit if item.price_unit is None else item.price_unit
    pieces = in_one if unit == item.unit else pieces_in(unit, item.pack)
    if pieces is None:
        purchase.doubt(f"unit_of_measure:{unit[:20]}")
        pieces = ONE
    return item.price / (item.price_per * pieces)
