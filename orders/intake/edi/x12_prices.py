"""Reads prices that stand beside a line of a purchase order of ANSI X12 (CTP)."""

from orders.intake.edi.notation import MessageNumbers
from orders.intake.edi.purchases import Item, Purchase
from orders.intake.edi.x12_dates import Segment, at

# What CTP02 (element 236) says of a price: that it is what is to be paid, or what the buyer sells for. Of any other
# (a catalogue's, a list's) nobody knows whether it is meant.
TO_BE_PAID = frozenset(
    {"", "ACT", "CHG", "CON", "CUP", "EUP", "INV", "NET", "PRP", "PUR", "QTE", "SPC", "UCP"}
)
SOLD_FOR = frozenset({"MSR", "RES", "RSH", "RTL"})


def read_price(purchase: Purchase, item: Item, segment: Segment, numbers: MessageNumbers) -> None:
    """A price of a line that its PO1 states none of, or that it has to be; any other is doubted."""
    kind, written = at(segment, 2), at(segment, 3)
    if not written or kind in SOLD_FOR:
        return
    price, named = numbers.read(written, f"CTP {item.key}"), f"CTP {item.key} {kind}".strip()
    is_plain = kind in TO_BE_PAID and not at(segment, 6)  # of no multiplier
    if item.price is None and is_plain:
        item.price = price
        if at(segment, 5) and at(segment, 5) != item.unit:
            purchase.doubt(f"price_unclear:{named}"[:50])
    elif item.price is None or (kind in TO_BE_PAID and price != item.price):
        purchase.doubt(f"price_unclear:{named}"[:50])
