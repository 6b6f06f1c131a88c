"""Turns purchase orders of business customers (X12, EDIFACT, UBL) into statements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import TypeVar

import msgspec

from erp.money import is_currency, split
from orders.customers.contacts import Address, Buyer
from orders.customers.countries import country_code
from orders.intake.messages.foreign_json import Unreadable
from orders.intake.messages.statements import Statement
from orders.intake.messages.totals import made_to_add_up
from orders.intake.messages.units import pieces_in
from orders.placement.incoming import ForeignLine, ForeignOrder, IncomingPayment

Segment = TypeVar("Segment")


ZERO, ONE = Decimal(0), Decimal(1)


MOST_UNITS = 1_000_000


MOST_LINES = 10_000


MOST_SEGMENTS, MOST_ELEMENTS = 100_000, 1000  # of an EDI interchange, of a segment


@dataclass
class Party:
    """Somebody named in a purchase order: who buys, where it goes, who pays."""

    name: str = ""
    number: str = ""  # what the trading partners call them: a GLN, a customer number
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""

    def address(self) -> Address:
        return Address(
            name=self.name[:200],
            line1=self.line1[:250],
            line2=self.line2[:250],
            city=self.city[:120],
            region=self.region[:120],
            postal_code=self.postal_code[:20],
            country=country_code(self.country),
            phone=self.phone[:40],
        )


@dataclass
class Item:
    """One line, as it is written.

    quantity    in `unit`, of which one holds `pack` pieces where that is stated; None: none is stated
    price       of `price_per` times `price_unit` (None: the unit of the quantity)
    amount      what all of it costs net, where that is stated
    """

    key: str
    quantity: Decimal | None
    unit: str = ""
    pack: Decimal | None = None
    price: Decimal | None = None
    price_per: Decimal = ONE
    price_unit: str | None = None
    amount: Decimal | None = None
    tax: Decimal = ZERO
    discount: Decimal = ZERO
    code: str = ""  # ours
    theirs: str = ""
    name: str = ""


@dataclass
class Purchase:
    """A purchase order as it was written."""

    number: str
    partner: str = ""
    currency: str = ""
    at: datetime | None = None
    buyer: Party = field(default_factory=Party)
    ship_to: Party = field(default_factory=Party)
    bill_to: Party = field(default_factory=Party)
    items: list[Item] = field(default_factory=list)
    shipping: Decimal = ZERO
    tax: Decimal = ZERO  # of the whole, where lines state none
    total: Decimal | None = None
    count: Decimal | None = None  # of its lines, as it says itself
    note: str = ""
    doubts: list[str] = field(default_factory=list)  # what a person should look at: findings

    def doubt(self, code: str) -> None:
        if code not in self.doubts:
            self.doubts.append(code)


def limited(segments: Iterator[Segment]) -> list[Segment]:
    """The segments of an interchange. Raises Unreadable for more than anybody sends."""
    found = list(islice(segments, MOST_SEGMENTS + 1))
    if len(found) > MOST_SEGMENTS:
        raise Unreadable("too_much", what=f"{MOST_SEGMENTS:,}+")
    return found


def stated(purchase: Purchase, *, currency: str) -> Statement:
    """What a purchase order says. Raises Unreadable naming the line where one is impossible.

    currency   of the channel, for orders that name none
    """
    if not purchase.number:
        raise Unreadable("no_id")
    if not purchase.items:
        raise Unreadable("no_lines")
    if len(purchase.items) > MOST_LINES:
        raise Unreadable("too_much", what=purchase.number[:60])
    currency = _currency(purchase, currency)
    if purchase.count is not None and purchase.count != len(purchase.items):
        purchase.doubt("line_count_differs")
    lines = [_line(item, purchase) for item in purchase.items]
    lines = _taxed(lines, purchase.tax, currency)
    due = sum((x.subtotal - x.discount + x.tax for x in lines), purchase.shipping)
    lines, shipping, shipping_tax, differs = made_to_add_up(
        lines,
        shipping=purchase.shipping,
        shipping_tax=ZERO,
        total=_total(purchase, lines, due),
        currency=currency,
    )
    total = sum((x.subtotal - x.discount + x.tax for x in lines), shipping + shipping_tax)
    buyer, ship_to = _parties(purchase)
    external_id = f"{purchase.partner}:{purchase.number}" if purchase.partner else purchase.number
    order = ForeignOrder(
        external_id=external_id[:100],
        currency=currency,
        customer=Buyer(
            name=(buyer.name or ship_to.name)[:200], email=buyer.email[:254], phone=buyer.phone[:40]
        ),
        shipping_address=ship_to.address(),
        billing_address=purchase.bill_to.address() if purchase.bill_to.name else None,
        lines=lines,
        shipping_service="",
        payment=IncomingPayment(method="on_account", reference=external_id[:100]),
        note=purchase.note[:5000],
        includes_tax=False,
        shipping=shipping,
        shipping_tax=shipping_tax,
        total=total,
        number=purchase.number[:60],
        customer_id=(buyer.number or purchase.partner)[:80],
        placed_at=purchase.at,
        differs=differs,
        doubts=sorted(purchase.doubts),
    )
    return Statement(external_id=order.external_id, at=purchase.at, order=order)


def _parties(purchase: Purchase) -> tuple[Party, Party]:
    """Who buys and where it goes; each stands in for the other where the order names one alone."""
    ship_to = (
        purchase.ship_to if purchase.ship_to.line1 or purchase.ship_to.name else purchase.buyer
    )
    buyer = purchase.buyer if purchase.buyer.name or purchase.buyer.number else ship_to
    return buyer, ship_to


def _currency(purchase: Purchase, otherwise: str) -> str:
    """The order's currency. Raises Unreadable for one that ISO 4217 does not know."""
    code = (purchase.currency or otherwise).strip().upper()
    if not is_currency(code):
        raise Unreadable("no_currency")
    return code


def _line(item: Item, purchase: Purchase) -> ForeignLine:
    quantity, in_one = _pieces(item, purchase)
    price = _price_of_one(item, in_one, purchase)
    amount = item.amount if item.amount is not None else (price or ZERO) * quantity
    if min(amount, price or ZERO, item.tax) < 0:
        raise Unreadable("price_below_zero", line=item.key[:20])
    if price is None:
        price = amount / quantity
    return ForeignLine(
        sku=item.code[:60],
        code=item.code[:60],
        listing=item.theirs[:60],
        key=item.key[:60],
        quantity=quantity,
        name=item.name[:250],
        unit_price=round(price, 4),
        subtotal=amount,
        discount=min(item.discount, amount),
        tax=item.tax,
        is_unpriced=item.price is None and item.amount is None,
    )


def _pieces(item: Item, purchase: Purchase) -> tuple[int, Decimal]:
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


def _price_of_one(item: Item, in_one: Decimal, purchase: Purchase) -> Decimal | None:
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


def _taxed(lines: Sequence[ForeignLine], tax: Decimal, currency: str) -> list[ForeignLine]:
    """Spread a tax of the whole order over its lines, where they state none of their own."""
    if tax < 0:
        raise Unreadable("price_below_zero", line="–")
    if not tax or any(line.tax for line in lines):
        return list(lines)
    shares = split(tax, [line.subtotal - line.discount for line in lines], currency)
    return [
        msgspec.structs.replace(line, tax=share) for line, share in zip(lines, shares, strict=True)
    ]


def _total(purchase: Purchase, lines: Sequence[ForeignLine], due: Decimal) -> Decimal:
    """What is to be paid. A stated total that leaves out just the stated tax is a net one.

    Raises Unreadable below zero.
    """
    if purchase.total is None:
        return due
    if purchase.total < 0:
        raise Unreadable("negative_total")
    tax = sum((line.tax for line in lines), ZERO)
    return due if purchase.total + tax == due else purchase.total
