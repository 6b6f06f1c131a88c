"""Defines the one structure of an incoming order, whatever its channel."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property

import msgspec

from erp.identifiers import Identified, Identifier
from orders.customers.contacts import Address, Amount, Buyer, Moment
from orders.customers.invoice_details import InvoiceWish
from orders.order.models.order import Order
from orders.policies.payment_methods import Code


class IncomingLine(Identified, msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sku: Identifier
    quantity: int


class IncomingPayment(Identified, msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    method: Code
    reference: Identifier = ""
    amount: Amount | None = None


# `dict`: it keeps its hash once that is asked for.
class IncomingOrder(Identified, msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """An order as a channel states it. Prices are ours, so it names none."""

    external_id: Identifier
    currency: str
    customer: Buyer
    shipping_address: Address
    lines: list[IncomingLine]
    shipping_service: str
    payment: IncomingPayment
    billing_address: Address | None = None
    coupon_codes: list[str] = []
    note: str = ""
    metadata: dict[str, str | int | float | bool | None] = {}
    reservation: Identifier = ""  # the cart's hold that becomes this order's
    type: str = ""  # see orders/policies/order_types.py; "": the channel's
    ship_not_before: date | None = None  # pre-sale
    balance_due_at: Moment | None = None  # a deposit is paid; the rest is due by then
    invoice: InvoiceWish | None = None

    def known_as(self, channel: str) -> str:
        """What its channel calls the customer, if it says: "<channel>:<id>"."""
        own = self.customer.known_as()
        return f"{channel}:{own}" if own else ""

    def coupons(self) -> list[str]:
        """The codes that it names, as coupons are written."""
        return [code.strip().upper() for code in self.coupon_codes]

    def stated(self) -> dict[str, object]:
        """What it states under the names of an order's columns: a new field of both is carried by this alone."""
        return {name: getattr(self, name) for name in stated_columns(type(self))}

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of what it says, whatever the spacing and order of keys it came in.

        A cart's hold is a means, not content: it changes nothing about the order. What an order
        does not say of the fields that came later is left out, so that old hashes still hold.
        """
        kind = _hashed(type(self))
        said = kind(*[getattr(self, name) for name in kind.__struct_fields__])
        return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


@cache
def stated_columns(kind: type[IncomingOrder]) -> tuple[str, ...]:
    """The fields of an incoming order that have a column of their own, by the same name.

    Of a foreign order those of any order, and its staff's marks: what else it says by a column's name is
    its channel's (its number, its customer, its totals), not ours.
    """
    columns = {column.attname for column in Order._meta.concrete_fields}
    marks = ("remark", "flag") if issubclass(kind, ForeignOrder) else ()
    return tuple(name for name in (*IncomingOrder.__struct_fields__, *marks) if name in columns)


def later_fields() -> dict[str, object]:
    """The fields that orders of the API were given after the first orders were hashed, with their defaults."""
    fields = msgspec.structs.fields(IncomingOrder)
    names = [field.name for field in fields]
    return {field.name: _default(field) for field in fields[names.index("reservation") + 1 :]}


def _default(field: msgspec.structs.FieldInfo) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


@cache
def _hashed(kind: type[IncomingOrder]) -> type[msgspec.Struct]:
    """A struct of what is hashed of an order: later fields only where they say something."""
    later = later_fields() | {"arrival": None}
    content = [name for name in kind.__struct_fields__ if name != "reservation"]
    first = [name for name in content if name not in later]
    return msgspec.defstruct(
        "Hashed",
        [*first, *((name, object, later[name]) for name in content if name in later)],
        omit_defaults=True,
    )


class Basket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a quote is asked for: an order without who pays and how."""

    currency: str
    shipping_address: Address
    lines: list[IncomingLine]
    shipping_service: str
    customer: Buyer = Buyer()
    coupon_codes: list[str] = []
    type: str = ""
    ship_not_before: date | None = None

    def as_order(self) -> IncomingOrder:
        """The same basket as an order that is not paid yet."""
        return IncomingOrder(
            external_id="quote",
            currency=self.currency,
            customer=self.customer,
            shipping_address=self.shipping_address,
            lines=self.lines,
            shipping_service=self.shipping_service,
            payment=IncomingPayment(method="on_account"),
            coupon_codes=self.coupon_codes,
            type=self.type,
            ship_not_before=self.ship_not_before,
        )


class ForeignLine(IncomingLine, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line as a foreign channel states it, with what its customer pays for it.

    sku      our code once it is known; as the adapter gives it, the channel's own
    key      the channel's id of the line
    listing  the channel's id of what was sold: a variant, a product
    charge   unit price as listed; subtotal and discount of the line net of tax, and its tax
    """

    key: Identifier = ""
    listing: Identifier = ""
    code: Identifier = ""  # the channel's code, whatever `sku` has become
    name: str = ""
    is_service: bool = False
    unit_price: Decimal = Decimal(0)
    subtotal: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    is_unpriced: bool = False  # it states no price


class Arrival(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The days on which an order should come: the one it is sent for, and the last; `written` as it states them."""

    on: date | None = None
    by: date | None = None
    written: str = ""


class ForeignOrder(IncomingOrder, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order from a channel that priced it: it keeps what its customer paid.

    total    what the customer pays; lines, shipping and tax add up to it
    number   what the channel calls it: "#1001"
    """

    lines: list[ForeignLine]  # type: ignore[assignment]
    includes_tax: bool
    shipping: Decimal  # net
    shipping_tax: Decimal
    total: Decimal
    number: Identifier = ""
    customer_id: Identifier = ""  # the channel's
    buyer_currency: str = ""  # what its customer paid in, where that is another one
    placed_at: datetime | None = None
    service_name: str = ""  # how the channel calls the shipping service
    is_test: bool = False
    differs: Decimal = Decimal(0)  # what its parts missed of its total, beyond rounding
    stated_tax: Decimal | None = None  # tax of the whole as the channel states it, where it does
    doubts: list[str] = []  # findings, as the reader made them: "code" or "code:name of what"
    remark: str = ""  # the shop's staff's
    flag: str = ""  # the colour that they marked it with
    arrival: Arrival | None = None

    def known_as(self, channel: str) -> str:
        return self.customer_id

    def noticed(self) -> list[str]:
        """The findings about what it says, as placing it finds them as well."""
        return [*self.doubts, *(["amounts_differ"] if self.differs else [])]

    @property
    def paid(self) -> Decimal:
        """What was captured when it was placed."""
        stated = self.payment.amount.decimal() if self.payment.amount else None
        return stated or Decimal(0)
