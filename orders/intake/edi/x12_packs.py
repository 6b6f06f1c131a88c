"""Reads how many pieces are in a case of a purchase order of ANSI X12 (PO4)."""

from orders.intake.edi.notation import MessageNumbers
from orders.intake.edi.pieces import MEASURES, in_pack, is_package
from orders.intake.edi.purchases import Item, Purchase
from orders.intake.edi.x12_dates import Segment, at


def read_pack(purchase: Purchase, item: Item, segment: Segment, numbers: MessageNumbers) -> None:
    """What a PO4 says is in one unit of a line: packs (01) of inner ones (14), each of a size (02) in a unit (03).

    What is ordered in cases and could be of two numbers of pieces, or is said twice and differently, is doubted.
    """
    what, unit = f"PO4 {item.key}", at(segment, 3).upper()
    written = at(segment, 1), at(segment, 14), "" if unit in MEASURES else at(segment, 2)
    packs, inner, size = (numbers.read(each, what) if each else None for each in written)
    if packs is None and size is None:
        return
    if packs is not None and inner is not None:
        packs *= inner
    pack = in_pack(packs, size, unit)
    if is_package(item.unit):
        if pack is None or item.pack not in {None, pack}:
            purchase.doubt(f"quantity_unclear:{what}"[:50])
        item.is_pack_unclear |= pack is None
    elif packs is not None and item.pack not in {None, packs}:
        purchase.doubt(f"quantity_unclear:{what}"[:50])
    item.pack = None if item.is_pack_unclear else pack or packs
