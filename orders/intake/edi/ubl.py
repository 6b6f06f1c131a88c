"""Reads UBL 2 Order documents (OASIS Universal Business Language)."""

from datetime import UTC, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from orders.intake.edi.purchase_orders import Item, Party, Purchase, stated
from orders.intake.messages.foreign_json import Unreadable, amount, text
from orders.intake.messages.statements import Statement

ZERO = Decimal(0)


def read(topic: str, body: bytes, *, currency: str) -> list[Statement]:
    """What an Order document says. Raises Unreadable."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable("not_xml", why=text(error, 120)) from error
    name = root.tag.rpartition("}")[2]
    if name != "Order" or "ubl" not in root.tag:
        raise Unreadable("no_purchase_order", what=name[:60])
    return [stated(_purchase(root), currency=currency)]


def _all(node: Element | None, *path: str) -> list[Element]:
    """The elements at a path of local names, whatever their namespaces."""
    found = [node] if node is not None else []
    for name in path:
        found = [x for each in found for x in each if x.tag.rpartition("}")[2] == name]
    return found


def _first(node: Element | None, *path: str) -> Element | None:
    found = _all(node, *path)
    return found[0] if found else None


def _text(node: Element | None, *path: str, longest: int = 250) -> str:
    found = _first(node, *path)
    return text(found.text, longest) if found is not None else ""


def _amount(node: Element | None, *path: str) -> Decimal | None:
    found = _text(node, *path)
    return amount(found) if found else None


def _purchase(root: Element) -> Purchase:
    buyer = _first(root, "BuyerCustomerParty", "Party")
    totals = _first(root, "AnticipatedMonetaryTotal")
    delivery = _first(root, "Delivery")
    ship_to = _party(_first(delivery, "DeliveryParty"))
    where = _first(delivery, "DeliveryLocation", "Address") or _first(delivery, "DeliveryAddress")
    if where is not None:
        _locate(ship_to, where)
    purchase = Purchase(
        number=_text(root, "ID", longest=60),
        partner=_text(buyer, "EndpointID", longest=30),
        currency=_text(root, "DocumentCurrencyCode", longest=3),
        at=_moment(_text(root, "IssueDate"), _text(root, "IssueTime")),
        buyer=_party(buyer),
        bill_to=_party(_first(root, "AccountingCustomerParty", "Party")),
        note="\n".join(text(x.text, 1000) for x in _all(root, "Note")),
        total=_amount(totals, "PayableAmount"),
        tax=_amount(root, "TaxTotal", "TaxAmount") or ZERO,
    )
    ship_to.name = ship_to.name or purchase.buyer.name
    if not ship_to.line1:
        ship_to = purchase.buyer
    purchase.ship_to = ship_to
    contact = _first(root, "BuyerCustomerParty", "DeliveryContact")
    purchase.ship_to.phone = purchase.ship_to.phone or _text(contact, "Telephone", longest=40)
    purchase.items = [_item(x) for x in _all(root, "OrderLine", "LineItem")]
    if not purchase.currency:
        marked = _first(totals, "PayableAmount") or _first(
            root, "OrderLine", "LineItem", "LineExtensionAmount"
        )
        purchase.currency = marked.get("currencyID", "")[:3] if marked is not None else ""
    return purchase


def _party(node: Element | None) -> Party:
    person = " ".join(
        x for x in (_text(node, "Person", "FirstName"), _text(node, "Person", "FamilyName")) if x
    )
    party = Party(
        name=_text(node, "PartyName", "Name")
        or _text(node, "PartyLegalEntity", "RegistrationName")
        or person,
        number=_text(node, "EndpointID", longest=60)
        or _text(node, "PartyIdentification", "ID", longest=60),
        email=_text(node, "Contact", "ElectronicMail"),
        phone=_text(node, "Contact", "Telephone", longest=40),
    )
    if (where := _first(node, "PostalAddress")) is not None:
        _locate(party, where)
    return party


def _locate(party: Party, where: Element) -> None:
    street = [_text(where, "StreetName"), _text(where, "BuildingNumber")]
    more = [_text(where, x) for x in ("AdditionalStreetName", "BuildingName", "Department")]
    more += [text(x.text) for x in _all(where, "AddressLine", "Line")]
    party.line1 = " ".join(x for x in street if x) or _text(where, "Postbox")
    party.line2 = ", ".join(x for x in more if x)
    party.city = _text(where, "CityName")
    party.region = _text(where, "CountrySubentity")
    party.postal_code = _text(where, "PostalZone", longest=20)
    party.country = _text(where, "Country", "IdentificationCode", longest=2)


def _item(node: Element) -> Item:
    base = _amount(node, "Price", "BaseQuantity") or Decimal(1)
    price = _amount(node, "Price", "PriceAmount")
    item = _first(node, "Item")
    ours = _text(item, "SellersItemIdentification", "ID", longest=60)
    standard = _text(item, "StandardItemIdentification", "ID", longest=60)
    theirs = _text(item, "BuyersItemIdentification", "ID", longest=60)
    return Item(
        key=_text(node, "ID", longest=60),
        quantity=_amount(node, "Quantity") or ZERO,
        price=price / base if price is not None else None,
        amount=_amount(node, "LineExtensionAmount"),
        tax=_amount(node, "TotalTaxAmount") or ZERO,
        code=ours or standard or theirs,
        theirs=theirs,
        name=_text(item, "Name") or _text(item, "Description"),
    )


def _moment(day: str, time: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(f"{day}T{time or '00:00:00'}")
    except ValueError:
        try:
            found = datetime.fromisoformat(day)
        except ValueError:
            return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
