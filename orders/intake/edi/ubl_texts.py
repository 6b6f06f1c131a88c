"""Finds the free texts of a UBL order, and all that its lines call their goods."""

from xml.etree.ElementTree import Element

from orders.intake.edi.free_texts import keep_text
from orders.intake.edi.purchases import Purchase
from orders.intake.edi.ubl_elements import all_of, text_of
from orders.intake.messages.foreign_json import text

TEXTS = frozenset(
    {"Note", "SpecialInstructions", "HandlingInstructions", "DeliveryInstructions", "SpecialTerms"}
)


def note_texts(purchase: Purchase, root: Element) -> None:
    """Keep what is written for people anywhere, of a line behind its number."""
    lines = {
        id(each): text_of(line, "LineItem", "ID")
        for line in all_of(root, "OrderLine")
        for each in line.iter()
    }
    for each in root.iter():
        if each.tag.rpartition("}")[2] in TEXTS:
            keep_text(purchase, text(each.text, 5000), line=lines.get(id(each), ""))


def names_of(item: Element | None) -> list[str]:
    """What goods are called by their seller, their buyer, their maker, a standard or a catalogue."""
    return [
        name
        for each in (item if item is not None else ())
        if each.tag.endswith("ItemIdentification") and (name := text_of(each, "ID"))
    ]
