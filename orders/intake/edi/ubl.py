"""Reads UBL 2 Order documents (OASIS Universal Business Language)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from msgspec.structs import replace

from erp.encodings import is_garbled
from orders.intake.edi.allowances import ROUNDING, Allowance
from orders.intake.edi.notation import MessageNumbers
from orders.intake.edi.parties import Party
from orders.intake.edi.purchase_orders import stated
from orders.intake.edi.purchases import Item, Purchase
from orders.intake.edi.taxes import Said
from orders.intake.messages.foreign_json import Unreadable, text
from orders.intake.messages.statements import Statement

ZERO, ONE = Decimal(0), Decimal(1)


# The elements that hold numbers of an order.
NUMBERS = frozenset(
    {
        "Quantity",
        "BaseQuantity",
        "PackSizeNumeric",
        "PriceAmount",
        "LineExtensionAmount",
        "TotalTaxAmount",
        "TaxAmount",
        "PayableAmount",
        "Amount",
        "MultiplierFactorNumeric",
        "Percent",
        "AllowanceTotalAmount",
        "ChargeTotalAmount",
        "TaxExclusiveAmount",
        "TaxableAmount",
        "BaseAmount",
        "TaxInclusiveAmount",
        "PrepaidAmount",
        "PayableRoundingAmount",
    }
)


# Sums of the whole, by the elements that state them.
SUMS = {
    "goods": "LineExtensionAmount",
    "off": "AllowanceTotalAmount",
    "charged": "ChargeTotalAmount",
    "net": "TaxExclusiveAmount",
}


# What LineStatusCode says of a line that is wanted: cancelled and disputed ones are not, or not surely.
WANTED = frozenset({"", "added", "nostatus", "revised"})


def read(topic: str, body: bytes, *, currency: str) -> list[Statement]:
    """What an Order document says. Raises Unreadable."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable("not_xml", why=text(error, 120)) from error
    name = root.tag.rpartition("}")[2]
    if name != "Order" or "ubl" not in root.tag:
        raise Unreadable("no_purchase_order", what=name[:60])
    said = stated(_purchase(root), currency=currency)
    return [replace(said, valid_until=_valid_until(root))]


def _valid_until(root: Element) -> date | None:
    """The last day on which an order may be accepted, where it states one. Raises Unreadable."""
    written = [text(x.text, 20) for x in _all(root, "ValidityPeriod", "EndDate")]
    try:
        return min((date.fromisoformat(x[:10]) for x in written if x), default=None)
    except ValueError as error:
        raise Unreadable("validity_unreadable", value=written[0][:20]) from error


def _all(node: Element | None, *path: str) -> list[Element]:
    """The elements at a path of local names, whatever their namespaces."""
    found = [node] if node is not None else []
    for name in path:
        found = [x for each in found for x in each if x.tag.rpartition("}")[2] == name]
    return found


def _first(node: Element | None, *path: str) -> Element | None:
    found = _all(node, *path)
    return found[0] if found else None


def _text(node: Element | None, *path: str, longest: int = 1000) -> str:
    found = _first(node, *path)
    return text(found.text, longest) if found is not None else ""


class _Document:
    """An order's elements, with all of its numbers read in one notation."""

    def __init__(self, root: Element) -> None:
        self.root = root
        named = (x for x in root.iter() if x.tag.rpartition("}")[2] in NUMBERS)
        self.numbers = MessageNumbers(text(x.text) for x in named)

    def amount(self, node: Element | None, *path: str) -> Decimal | None:
        """A number; None where it is not stated. Raises Unreadable."""
        found = _first(node, *path)
        written = text(found.text) if found is not None else ""
        what = path[-1] if path else "Amount"
        return self.numbers.read(written, what) if written else None

    def first_of(self, node: Element | None, *paths: tuple[str, ...]) -> Decimal | None:
        """The first number that one of several paths states. Raises Unreadable."""
        found = (self.amount(node, *path) for path in paths)
        return next((x for x in found if x is not None), None)

    def sum_of(self, node: Element | None, *path: str) -> Decimal | None:
        """What numbers at a path come to; None where none is stated. Raises Unreadable."""
        found = [self.amount(x) for x in _all(node, *path)]
        stated = [x for x in found if x is not None]
        return sum(stated, ZERO) if stated else None


def _purchase(root: Element) -> Purchase:
    document = _Document(root)
    buyer = _first(root, "BuyerCustomerParty", "Party")
    totals = _first(root, "AnticipatedMonetaryTotal")
    purchase = Purchase(
        number=_text(root, "ID"),
        partner=_text(buyer, "EndpointID", longest=30),
        currency=_currency(root),
        at=_moment(_text(root, "IssueDate"), _text(root, "IssueTime")),
        buyer=_party(buyer),
        bill_to=_party(_first(root, "AccountingCustomerParty", "Party")),
        note="\n".join(text(x.text, 1000) for x in _all(root, "Note")),
        allowances=_allowances(root, document),
        tax=document.sum_of(root, "TaxTotal", "TaxAmount"),
        taxes=_taxes(root, document),
        count=document.amount(root, "LineCountNumeric"),
    )
    if purchase.at is None and _text(root, "IssueDate"):
        purchase.doubt("not_a_date")
    if any(is_garbled(x.text or "") for x in root.iter()):
        purchase.doubt("encoding_doubtful")
    _totals(purchase, totals, document)
    _ship(purchase, root)
    for line in _all(root, "OrderLine", "LineItem"):
        purchase.items.append(_item(line, document))
        if _text(line, "LineStatusCode").lower() not in WANTED:
            purchase.doubt(f"line_not_wanted:{purchase.items[-1].key[:20]}")
    return purchase


def _totals(purchase: Purchase, node: Element | None, document: _Document) -> None:
    """What it says that it comes to. What is paid ahead, as it says, is no part of what it costs less."""
    for name, element in SUMS.items():
        purchase.state_sum(name, document.amount(node, element))
    inclusive, payable = (document.amount(node, x) for x in ("TaxInclusiveAmount", "PayableAmount"))
    prepaid = document.amount(node, "PrepaidAmount")
    if prepaid:
        purchase.doubt("allowance_unclear:PrepaidAmount")
    by_rounding = document.amount(node, "PayableRoundingAmount")
    if by_rounding:
        amount = abs(by_rounding)
        purchase.allowances.append(Allowance(by_rounding > 0, ROUNDING, amount=amount))
    for total in (inclusive, payable):
        if total is not None:
            more = prepaid or ZERO if total is payable else by_rounding or ZERO
            purchase.totals.append(total + more)


def _allowances(node: Element, document: _Document) -> list[Allowance]:
    """What is taken off and charged; its amount counts, a factor that is not that is doubted."""
    found = []
    for row in _all(node, "AllowanceCharge"):
        said = _text(row, "ChargeIndicator").lower()
        found.append(
            Allowance(
                is_charge={"true": True, "1": True, "false": False, "0": False}.get(said),
                code=_text(row, "AllowanceChargeReasonCode"),
                name=_text(row, "AllowanceChargeReason"),
                amount=document.amount(row, "Amount"),
                factor=document.amount(row, "MultiplierFactorNumeric"),
                basis=document.amount(row, "BaseAmount"),
                tax=document.sum_of(row, "TaxTotal", "TaxAmount"),
                taxes=[*_categories(row, document, "TaxCategory"), *_taxes(row, document)],
            )
        )
    return found


def _categories(node: Element | None, document: _Document, *path: str) -> list[Said]:
    """Categories of tax that something is in, each with its rate."""
    return [
        Said(
            document.amount(each, "Percent"),
            category=_text(each, "ID").upper(),
            kind=_text(each, "TaxScheme", "ID"),
        )
        for each in _all(node, *path)
    ]


def _taxes(node: Element, document: _Document) -> list[Said]:
    """The taxes that a total of them tells apart. Their amounts are left to it where it tells not all."""
    totals = _all(node, "TaxTotal")
    rows = _all(node, "TaxTotal", "TaxSubtotal")
    is_whole = all(_first(each, "TaxSubtotal", "TaxAmount") is not None for each in totals)
    found = []
    for row in rows:
        percent = document.first_of(row, ("TaxCategory", "Percent"), ("Percent",))
        found.append(
            Said(
                percent,
                document.amount(row, "TaxAmount") if is_whole else None,
                _text(row, "TaxCategory", "ID").upper(),
                basis=document.amount(row, "TaxableAmount"),
                kind=_text(row, "TaxCategory", "TaxScheme", "ID"),
            )
        )
    return found


def _item_categories(item: Element | None, document: _Document) -> list[Said]:
    found = _categories(item, document, "ClassifiedTaxCategory")
    return found or _categories(item, document, "TaxCategory")


def _item_tax(node: Element, document: _Document) -> Decimal | None:
    """What all of a line's tax comes to, where it says so."""
    stated = document.amount(node, "TotalTaxAmount")
    return document.sum_of(node, "TaxTotal", "TaxAmount") if stated is None else stated


def _currency(root: Element) -> str:
    """The currency that it names, else the one its amounts are marked with. Raises Unreadable for two."""
    stated = _text(root, "DocumentCurrencyCode")
    marks = {x.get("currencyID", "").strip() for x in root.iter() if "currencyID" in x.attrib}
    marks -= {"", stated}
    if stated and not marks:
        return stated
    if len(marks) > 1 or (stated and marks):
        raise Unreadable("two_currencies", what=", ".join(sorted(marks | {stated} - {""}))[:60])
    return marks.pop() if marks else ""


def _ship(purchase: Purchase, root: Element) -> None:
    """Where it goes: what its delivery says, else the buyer's own address."""
    delivery = _first(root, "Delivery")
    ship_to = _party(_first(delivery, "DeliveryParty"))
    where = _first(delivery, "DeliveryLocation", "Address")
    if where is None:
        where = _first(delivery, "DeliveryAddress")
    if where is not None:
        _locate(ship_to, where)
    ship_to.name = ship_to.name or purchase.buyer.name
    if not ship_to.line1:
        ship_to = purchase.buyer
    purchase.ship_to = ship_to
    contact = _first(root, "BuyerCustomerParty", "DeliveryContact")
    ship_to.phone = ship_to.phone or _text(contact, "Telephone")


def _party(node: Element | None) -> Party:
    person = " ".join(
        x for x in (_text(node, "Person", "FirstName"), _text(node, "Person", "FamilyName")) if x
    )
    party = Party(
        name=_text(node, "PartyName", "Name")
        or _text(node, "PartyLegalEntity", "RegistrationName")
        or person,
        number=_text(node, "EndpointID") or _text(node, "PartyIdentification", "ID"),
        email=_text(node, "Contact", "ElectronicMail"),
        phone=_text(node, "Contact", "Telephone"),
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
    party.postal_code = _text(where, "PostalZone")
    party.country = _text(where, "Country", "IdentificationCode")


def _item(node: Element, document: _Document) -> Item:
    item = _first(node, "Item")
    quantity, base = _first(node, "Quantity"), _first(node, "Price", "BaseQuantity")
    ours = _text(item, "SellersItemIdentification", "ID")
    standard = _text(item, "StandardItemIdentification", "ID")
    theirs = _text(item, "BuyersItemIdentification", "ID")
    per = document.amount(node, "Price", "BaseQuantity")
    return Item(
        key=_text(node, "ID"),
        quantity=document.amount(node, "Quantity"),
        unit=quantity.get("unitCode", "").strip() if quantity is not None else "",
        pack=document.amount(item, "PackSizeNumeric"),
        price=document.amount(node, "Price", "PriceAmount"),
        price_per=ONE if per is None else per,
        price_unit=(base.get("unitCode", "").strip() or None) if base is not None else None,
        amount=document.amount(node, "LineExtensionAmount"),
        tax=_item_tax(node, document),
        taxes=[*_item_categories(item, document), *_taxes(node, document)],
        allowances=_allowances(node, document),
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
