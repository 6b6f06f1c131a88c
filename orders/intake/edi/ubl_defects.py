"""Finds in a UBL order what contradicts itself as XML: said twice where once is allowed, or text between elements."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from xml.etree.ElementTree import Element

from orders.intake.messages.foreign_json import Unreadable

# Elements that stand once among their siblings, beside those that hold numbers.
SINGLE = frozenset(
    {
        *("ID", "IssueDate", "IssueTime", "CopyIndicator", "OrderTypeCode", "EndpointID"),
        *("BuyerCustomerParty", "AccountingCustomerParty", "Party", "OrderReference"),
        *("AnticipatedMonetaryTotal", "LineItem", "LineStatusCode", "Item", "Price"),
        *("SellersItemIdentification", "BuyersItemIdentification", "StandardItemIdentification"),
        *("ChargeIndicator", "AllowanceChargeReasonCode", "TaxScheme"),
        *("PostalAddress", "DeliveryAddress", "DeliveryLocation", "DeliveryParty", "Address"),
        *("StreetName", "BuildingNumber", "CityName", "PostalZone", "Country"),
        *("IdentificationCode", "Telephone", "ElectronicMail"),
    }
)
FREE = "UBLExtensions"  # holds what UBL says nothing of


def check_elements(root: Element, numbers: Collection[str]) -> None:
    """Refuse a document that states in one place two things.

    numbers   the elements that hold numbers
    Raises Unreadable for an element that is there twice, and for text between elements.
    """
    for node in _elements(root):
        children = list(node)
        texts = [node.text, *(child.tail for child in children)]
        is_mixed = bool(children) and any(x and x.strip() for x in texts)
        if is_mixed or (children and _name(node) in numbers):
            value = " ".join("".join(node.itertext()).split())[:40]
            raise Unreadable("text_between_elements", what=_name(node)[:60], value=value)
        by_name = defaultdict(list)
        for child in children:
            by_name[_name(child)].append(child)
        for name, same in by_name.items():
            if len(same) > 1 and (name in numbers or (name in SINGLE and _differ(same))):
                raise Unreadable("said_twice", what=name[:60])


def _elements(root: Element) -> Iterator[Element]:
    left = [root]  # however deep they are
    while left:
        node = left.pop()
        if _name(node) != FREE:
            yield node
            left.extend(reversed(node))


def _name(node: Element) -> str:
    return node.tag.rpartition("}")[2]


def _differ(nodes: Collection[Element]) -> bool:
    return len({_said(node) for node in nodes}) > 1


def _said(node: Element) -> str:
    """What an element says, as it is told from another's."""
    return repr([(_name(x), sorted(x.items()), (x.text or "").strip()) for x in node.iter()])
