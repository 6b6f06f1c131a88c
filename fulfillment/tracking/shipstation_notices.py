"""Reads what ShipStation says has left: the items that its notice of a shipment lists.

Source: ShipStation, Custom Store Development Guide, "shipnotify".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid
from erp.foreign_xml import NoXml, read_xml
from erp.ids import primary_key
from erp.visible import identifier
from orders.models import Order, OrderLine

MOST_DIGITS = 9


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """Units of one line that left, as the notice names it: by our id of the line, else by its SKU."""

    line: str
    sku: str
    quantity: int


def read_items(body: bytes, number: str) -> list[Item] | None:
    """Read the items of a notice; None where it lists none, and means everything that is left.

    Raises Invalid for what is no notice of this order, lists Items and no goods among them, or has an item whose
    units cannot be read.
    """
    if not body.strip():
        return None
    try:
        root = read_xml(body)
    except NoXml as error:
        raise _malformed("", _("The body is not XML.")) from error
    named = _text(root, "OrderNumber")
    if named and named.casefold() != number.casefold():
        raise _malformed("/OrderNumber", _("The notice names another order."))
    listed = root.find("Items")
    if listed is None:
        return None
    items = [_item(element, index) for index, element in enumerate(listed)]
    goods = [item for item in items if item is not None and item.quantity]
    if not goods:  # everything that is left is meant by a notice without Items, not by one of none
        raise _malformed("/Items", _("The notice lists no goods."))
    return goods


def _item(element: Element, index: int) -> Item | None:
    """One item; None for what is no goods: an adjustment, such as the discount that our export lists."""
    line, sku = _text(element, "LineItemID"), _text(element, "SKU")
    is_discount = not line and not sku and _text(element, "Name") == "Discount"
    if is_discount or _text(element, "Adjustment").casefold() == "true":
        return None
    units = _text(element, "Quantity")
    whole, _point, tail = units.partition(".")
    if not (whole.isascii() and whole.isdecimal() and len(whole) <= MOST_DIGITS) or tail.strip("0"):
        raise _malformed(f"/Items/{index}/Quantity", _("Units are a whole number."))
    return Item(line, sku, int(whole))


def units_of(items: Sequence[Item], order: Order) -> dict[int, int]:
    """Units by order line: of the line an item names, else of the lines of its SKU as far as they are open.

    Raises Invalid for what is no line of the order: it is never left out.
    """
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    units: dict[int, int] = {}
    for index, item in enumerate(items):
        pk = primary_key("line", item.line) if item.line else None
        meant = [line for line in lines if line.pk == pk] or [
            line for line in lines if line.sku_code.casefold() == item.sku.casefold()
        ]
        if not meant:
            raise _malformed(f"/Items/{index}", _("Not a line of this order."))
        _spread(item.quantity, [line for line in meant if not line.is_service], units)
    return units


def _spread(quantity: int, lines: Sequence[OrderLine], units: dict[int, int]) -> None:
    """Give units to lines as far as each is open; what is too much stays on the last, and is refused there."""
    for line in lines:
        taken = units.get(line.pk, 0)
        left = line.quantity_ordered - line.quantity_cancelled - line.quantity_shipped - taken
        take = quantity if line is lines[-1] else min(max(left, 0), quantity)
        if take:
            units[line.pk] = taken + take
            quantity -= take


def _text(element: Element, name: str) -> str:
    return identifier(element.findtext(name) or "")


def _malformed(pointer: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(pointer, "malformed", detail)])
