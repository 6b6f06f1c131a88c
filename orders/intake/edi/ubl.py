"""Reads UBL 2 Order documents (OASIS Universal Business Language)."""

from collections.abc import Sequence
from datetime import UTC, date, tzinfo
from decimal import Decimal
from xml.etree.ElementTree import Element

from msgspec.structs import replace

from erp.encodings import is_garbled
from orders.intake.edi.allowances import ROUNDING, Allowance
from orders.intake.edi.destinations import is_named, settle_place
from orders.intake.edi.notation import MessageNumbers
from orders.intake.edi.parties import Party
from orders.intake.edi.pieces import in_pack
from orders.intake.edi.purchase_orders import stated
from orders.intake.edi.purchases import ORDER_KINDS, Item, Purchase
from orders.intake.edi.taxes import Said
from orders.intake.edi.ubl_dates import asked_of, moment_of
from orders.intake.edi.ubl_defects import check_elements
from orders.intake.edi.ubl_documents import root_of
from orders.intake.edi.ubl_elements import all_of, fingerprint, first_of, text_of
from orders.intake.edi.ubl_texts import names_of, note_texts
from orders.intake.edi.versions import as_test, changed, named, withdrawn
from orders.intake.messages.foreign_json import Unreadable, text
from orders.intake.messages.statements import Statement

ZERO, ONE = Decimal(0), Decimal(1)


# The elements that hold numbers of an order.
NUMBERS = frozenset(
    {
        "Quantity",
        "BaseQuantity",
        "PackQuantity",
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


# Currencies that an order names beside its amounts: its own, that of its prices, and those to be invoiced and paid in.
CURRENCIES = (
    "DocumentCurrencyCode",
    "PricingCurrencyCode",
    "RequestedInvoiceCurrencyCode",
    "PaymentCurrencyCode",
    "PaymentAlternativeCurrencyCode",
)


# What LineStatusCode says of a line that is wanted: cancelled and disputed ones are not, or not surely.
WANTED = frozenset({"", "added", "nostatus", "revised"})


def read(topic: str, body: bytes, *, currency: str, zone: tzinfo = UTC) -> list[Statement]:
    """What an Order document says. Raises Unreadable.

    zone   in which its channel means its days
    """
    root = root_of(body)
    check_elements(root, NUMBERS)
    name = root.tag.rpartition("}")[2]
    if name in {"OrderChange", "OrderCancellation"} and "ubl" in root.tag:
        said = _revised(root, name)
        return [as_test(said) if _is_test(root) else said]
    if name != "Order" or "ubl" not in root.tag:
        raise Unreadable("no_purchase_order", what=name[:60])
    purchase = _purchase(root, zone)
    if not purchase.currency and any(
        x.tag.endswith("Amount") and text(x.text) for x in root.iter()
    ):
        raise Unreadable("no_currency")
    said = stated(purchase, currency=currency)
    said = replace(said, valid_until=_valid_until(root), message=fingerprint(root))
    return [as_test(said) if _is_test(root) else said]


def _is_test(root: Element) -> bool:
    """Whether the run of the process that it is part of is called a test."""
    return "test" in text_of(root, "ProfileExecutionID").lower()


def _revised(root: Element, name: str) -> Statement:
    """A change of an order, or what takes it back. Raises Unreadable where it does not say which."""
    buyer = first_of(root, "BuyerCustomerParty", "Party")
    partner = text_of(buyer, "EndpointID", longest=30)
    number = text_of(root, "OrderReference", "ID")
    if name == "OrderCancellation":
        return withdrawn(partner, number)
    own = text_of(root, "ID", longest=40)
    return changed(partner, number, named(name, own), fingerprint(root))


def _valid_until(root: Element) -> date | None:
    """The last day on which an order may be accepted, where it states one. Raises Unreadable."""
    written = [text(x.text, 20) for x in all_of(root, "ValidityPeriod", "EndDate")]
    try:
        return min((date.fromisoformat(x[:10]) for x in written if x), default=None)
    except ValueError as error:
        raise Unreadable("validity_unreadable", value=written[0][:20]) from error


class _Document:
    """An order's elements, with all of its numbers read in one notation."""

    def __init__(self, root: Element) -> None:
        self.root = root
        named = (x for x in root.iter() if x.tag.rpartition("}")[2] in NUMBERS)
        self.numbers = MessageNumbers(text(x.text) for x in named)

    def amount(self, node: Element | None, *path: str) -> Decimal | None:
        """A number; None where it is not stated. Raises Unreadable."""
        found = first_of(node, *path)
        written = text(found.text) if found is not None else ""
        what = path[-1] if path else "Amount"
        return self.numbers.read(written, what) if written else None

    def first_of(self, node: Element | None, *paths: tuple[str, ...]) -> Decimal | None:
        """The first number that one of several paths states. Raises Unreadable."""
        found = (self.amount(node, *path) for path in paths)
        return next((x for x in found if x is not None), None)

    def sum_of(self, node: Element | None, *path: str) -> Decimal | None:
        """What amounts at a path come to; None where none is stated. Raises Unreadable below nought."""
        found = [self.amount(x) for x in all_of(node, *path)]
        stated = [x for x in found if x is not None]
        if min(stated, default=ZERO) < 0:
            raise Unreadable("price_below_zero", line="–")
        return sum(stated, ZERO) if stated else None


def _purchase(root: Element, zone: tzinfo) -> Purchase:
    document = _Document(root)
    buyer = first_of(root, "BuyerCustomerParty", "Party")
    totals = first_of(root, "AnticipatedMonetaryTotal")
    purchase = Purchase(
        number=text_of(root, "ID"),
        partner=text_of(buyer, "EndpointID", longest=30),
        currency=_currency(root),
        at=moment_of(text_of(root, "IssueDate"), text_of(root, "IssueTime")),
        buyer=_party(buyer),
        bill_to=_party(first_of(root, "AccountingCustomerParty", "Party")),
        allowances=_allowances(root, document),
        tax=document.sum_of(root, "TaxTotal", "TaxAmount"),
        taxes=_taxes(root, document),
        count=document.amount(root, "LineCountNumeric"),
    )
    if purchase.at is None and text_of(root, "IssueDate"):
        purchase.doubt("not_a_date")
    _doubt_kind(purchase, root)
    if any(is_garbled(x.text or "") for x in root.iter()):
        purchase.doubt("encoding_doubtful")
    _totals(purchase, totals, document)
    _note_deliveries(purchase, all_of(root, "Delivery"), 0, zone)
    for line in all_of(root, "OrderLine", "LineItem"):
        purchase.items.append(_item(line, document))
        if text_of(line, "LineStatusCode").lower() not in WANTED:
            purchase.doubt(f"line_not_wanted:{purchase.items[-1].key[:20]}")
        _note_deliveries(purchase, all_of(line, "Delivery"), len(purchase.items), zone)
    note_texts(purchase, root)
    _ship(purchase, root)
    return purchase


def _doubt_kind(purchase: Purchase, root: Element) -> None:
    """Doubt what says that it is a copy, or of another kind than an order."""
    if text_of(root, "CopyIndicator").lower() not in {"", "false", "0"}:
        purchase.doubt("function_unclear:CopyIndicator")
    kind = text_of(root, "OrderTypeCode", longest=20)
    if kind not in ORDER_KINDS:
        purchase.doubt(f"function_unclear:OrderTypeCode {kind}")


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
    for row in all_of(node, "AllowanceCharge"):
        said = text_of(row, "ChargeIndicator").lower()
        found.append(
            Allowance(
                is_charge={"true": True, "1": True, "false": False, "0": False}.get(said),
                code=text_of(row, "AllowanceChargeReasonCode"),
                name=text_of(row, "AllowanceChargeReason"),
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
            category=text_of(each, "ID").upper(),
            kind=text_of(each, "TaxScheme", "ID"),
        )
        for each in all_of(node, *path)
    ]


def _taxes(node: Element, document: _Document) -> list[Said]:
    """The taxes that a total of them tells apart. Their amounts are left to it where it tells not all."""
    totals = all_of(node, "TaxTotal")
    rows = all_of(node, "TaxTotal", "TaxSubtotal")
    is_whole = all(first_of(each, "TaxSubtotal", "TaxAmount") is not None for each in totals)
    found = []
    for row in rows:
        percent = document.first_of(row, ("TaxCategory", "Percent"), ("Percent",))
        found.append(
            Said(
                percent,
                document.amount(row, "TaxAmount") if is_whole else None,
                text_of(row, "TaxCategory", "ID").upper(),
                basis=document.amount(row, "TaxableAmount"),
                kind=text_of(row, "TaxCategory", "TaxScheme", "ID"),
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
    named = {text(x.text) for name in CURRENCIES for x in all_of(root, name)}
    named |= {x.get("currencyID", "").strip() for x in root.iter() if "currencyID" in x.attrib}
    named -= {""}
    if len(named) > 1:
        raise Unreadable("two_currencies", what=", ".join(sorted(named))[:60])
    return named.pop() if named else ""


def _ship(purchase: Purchase, root: Element) -> None:
    """Where it goes: what its deliveries say, else the buyer's own address."""
    settle_place(purchase, "Delivery")
    if is_named(purchase.ship_to):
        purchase.ship_to.name = purchase.ship_to.name or purchase.buyer.name
    else:
        purchase.ship_to = purchase.buyer
    contact = first_of(root, "BuyerCustomerParty", "DeliveryContact")
    purchase.ship_to.phone = purchase.ship_to.phone or text_of(contact, "Telephone")


def _place_of(delivery: Element) -> Party:
    """Where a delivery goes: who gets it, at the address that it states, or at theirs."""
    found = _party(first_of(delivery, "DeliveryParty"))
    location = first_of(delivery, "DeliveryLocation")
    found.number = text_of(location, "ID") or found.number
    where = first_of(location, "Address")
    where = first_of(delivery, "DeliveryAddress") if where is None else where
    if where is not None:
        _locate(found, where)
    return found


def _note_deliveries(
    purchase: Purchase, deliveries: Sequence[Element], line: int, zone: tzinfo
) -> None:
    """Note the days and places that deliveries ask for; several of one line, or of the whole, are one too many."""
    if len(deliveries) > 1:
        purchase.doubt("delivery_split:Delivery")
    for delivery in deliveries:
        purchase.asked += asked_of(delivery, line, zone)
        purchase.places.append((line, _place_of(delivery)))


def _party(node: Element | None) -> Party:
    person = " ".join(
        x
        for x in (text_of(node, "Person", "FirstName"), text_of(node, "Person", "FamilyName"))
        if x
    )
    party = Party(
        name=text_of(node, "PartyName", "Name")
        or text_of(node, "PartyLegalEntity", "RegistrationName")
        or person,
        number=text_of(node, "EndpointID") or text_of(node, "PartyIdentification", "ID"),
        email=text_of(node, "Contact", "ElectronicMail"),
        phone=text_of(node, "Contact", "Telephone"),
    )
    if (where := first_of(node, "PostalAddress")) is not None:
        _locate(party, where)
    return party


def _locate(party: Party, where: Element) -> None:
    street = [text_of(where, "StreetName"), text_of(where, "BuildingNumber")]
    more = [text_of(where, x) for x in ("AdditionalStreetName", "BuildingName", "Department")]
    more += [text(x.text) for x in all_of(where, "AddressLine", "Line")]
    more = [x for x in more if x]
    party.line1 = " ".join(x for x in street if x) or text_of(where, "Postbox")
    if not party.line1 and more:  # an address that is written in lines alone
        party.line1 = more.pop(0)
    party.line2 = ", ".join(more)
    party.city = text_of(where, "CityName")
    party.region = text_of(where, "CountrySubentity")
    party.postal_code = text_of(where, "PostalZone")
    party.country = text_of(where, "Country", "IdentificationCode")


def _item(node: Element, document: _Document) -> Item:
    item = first_of(node, "Item")
    quantity, base = first_of(node, "Quantity"), first_of(node, "Price", "BaseQuantity")
    ours = text_of(item, "SellersItemIdentification", "ID")
    standard = text_of(item, "StandardItemIdentification", "ID")
    theirs = text_of(item, "BuyersItemIdentification", "ID")
    per = document.amount(node, "Price", "BaseQuantity")
    return Item(
        key=text_of(node, "ID"),
        quantity=document.amount(node, "Quantity"),
        unit=quantity.get("unitCode", "").strip() if quantity is not None else "",
        pack=_pack(item, document),
        price=document.amount(node, "Price", "PriceAmount"),
        price_per=ONE if per is None else per,
        price_unit=(base.get("unitCode", "").strip() or None) if base is not None else None,
        amount=document.amount(node, "LineExtensionAmount"),
        tax=_item_tax(node, document),
        taxes=[*_item_categories(item, document), *_taxes(node, document)],
        allowances=_allowances(node, document),
        code=ours or standard or theirs,
        called=names_of(item),
        theirs=theirs,
        name=text_of(item, "Name") or text_of(item, "Description"),
    )


def _pack(item: Element | None, document: _Document) -> Decimal | None:
    """How many pieces one unit holds: so many packs, or packs of so many; None where nobody can say."""
    packs, stated = document.amount(item, "PackQuantity"), first_of(item, "PackQuantity")
    size = document.amount(item, "PackSizeNumeric")
    unit = stated.get("unitCode", "").strip() if stated is not None else ""
    if packs in {None, ONE}:
        return size
    return in_pack(size, packs, unit, is_count=True)
