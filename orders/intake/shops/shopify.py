"""Reads Shopify's order, refund, fulfilment and transaction webhooks.

Ids are read from `admin_graphql_api_id`, whose digits nothing rounds; the plain `id` is an alias.
"""

from decimal import Decimal
from typing import NamedTuple

from orders.customers.contacts import Address, Buyer
from orders.intake.messages.foreign_json import Part, Unreadable, currency_code, parsed
from orders.intake.messages.statements import Statement
from orders.intake.messages.totals import (
    Charges,
    charge,
    reconciled,
    sold,
    stated_payment,
    stated_total,
)
from orders.intake.shops.addresses import Names, address_doubts, address_in, person_in
from orders.intake.shops.marks import REMARK, flag_of, remark_of
from orders.intake.shops.shopify_lines import as_foreign, shipping_of, sold_lines, spread_rest
from orders.intake.shops.shopify_money import (
    PAID,
    UNPAID,
    Received,
    capture_of,
    gid_of,
    given_back_by,
    received,
    refund_of,
    worth_of_goods,
)
from orders.placement.incoming import ForeignLine, ForeignOrder

ZERO = Decimal(0)


NAMES = Names("address1", "address2", "province", "zip", "country_code")


ORDER_TOPICS = frozenset(
    f"orders/{verb}"
    for verb in ("create", "updated", "paid", "cancelled", "fulfilled", "partially_fulfilled")
)


SHIPPED = {"": 0, "unfulfilled": 0, "partial": 1, "fulfilled": 2, "restocked": 2, "not_eligible": 0}


def read(topic: str, body: bytes, *, currency: str) -> list[Statement]:
    """What a message says of an order; nothing where it is about none. Raises Unreadable."""
    found = _read(topic, body)
    return [found] if found is not None else []


def _read(topic: str, body: bytes) -> Statement | None:
    given = parsed(body)
    if not given:
        return None
    if topic in ORDER_TOPICS:
        return _of_order(topic, given)
    if topic == "orders/delete":
        return Statement(external_id=_id(given), deleted=True)
    if topic == "orders/edited":
        return Statement(external_id=_order_id(given.part("order_edit")), edited=True)
    if topic == "refunds/create":
        return Statement(external_id=_order_id(given), refunds=[refund_of(given)])
    if topic in {"fulfillments/create", "fulfillments/update"} and "order_id" in given:
        return Statement(external_id=_order_id(given))
    if topic == "order_transactions/create":
        return Statement(
            external_id=_order_id(given), captures=capture_of(given), refunds=given_back_by(given)
        )
    return None


def _id(given: Part) -> str:
    if found := gid_of(given):
        return found
    raise Unreadable("no_id")


def _order_id(given: Part) -> str:
    if found := given.key("order_id"):
        return found
    raise Unreadable("no_id")


def _of_order(topic: str, given: Part) -> Statement:
    external_id, alias = _id(given), given.key("id")
    currency = _currency(given)
    is_cancelled = given.moment("cancelled_at") is not None or topic == "orders/cancelled"
    refunds = [refund_of(refund) for refund in given.parts("refunds")]
    paid = received(given, stated_total(given, "total_price"), refunds)
    shipped = given.text("fulfillment_status", 40)
    if shipped not in SHIPPED:
        paid.doubts.append("state_unknown")
    status = given.text("financial_status", 40)
    return Statement(
        external_id=external_id,
        alias=alias if alias != external_id else "",
        at=given.moment("updated_at"),
        order=_order(given, external_id, currency, paid, is_cancelled=is_cancelled),
        progress=PAID.get(status, UNPAID.get(status, 0)) * 4 + SHIPPED.get(shipped, 0),
        paid=paid.amount,
        refunds=refunds,
        cancelled=(given.text("cancel_reason", 60) or "other") if is_cancelled else None,
        shipped=shipped == "fulfilled" or topic == "orders/fulfilled",
    )


def _currency(given: Part) -> str:
    """The shop's currency. Raises Unreadable where two are stated for the same total."""
    currency = currency_code(given.text("currency"))
    other = given.part("total_price_set").part("shop_money").text("currency_code")
    if other and currency_code(other) != currency:
        raise Unreadable("currencies_differ", one=currency, other=other[:40])
    return currency


def _buyer_currency(given: Part, currency: str) -> str:
    """The currency that the customer saw and paid in; "" where it is the shop's."""
    shown = given.part("total_price_set").part("presentment_money").text("currency_code")
    code = given.text("presentment_currency") or shown
    stated = currency_code(code) if code else currency
    return stated if stated != currency else ""


def _order(
    given: Part, external_id: str, currency: str, paid: Received, *, is_cancelled: bool
) -> ForeignOrder:
    priced = _priced(given, currency, is_cancelled=is_cancelled)
    charges = priced.charges
    address = given.part("shipping_address") or given.part("billing_address")
    customer, to = given.part("customer"), _address(address)
    return ForeignOrder(
        external_id=external_id,
        currency=currency,
        customer=_buyer(given, customer, address),
        shipping_address=to,
        billing_address=_address(given.part("billing_address"))
        if given.part("billing_address")
        else None,
        lines=charges.lines,
        shipping_service="",
        payment=stated_payment(external_id, paid.amount, currency, is_cod=_is_cod(given)),
        note=given.text("note", 5000),
        remark=remark_of(given.parts("note_attributes"), name=REMARK),
        flag=flag_of(given.text("tags", 2000)),
        metadata={"ip_address": ip} if (ip := given.text("browser_ip", 45)) else {},
        includes_tax=given.flag("taxes_included"),
        shipping=charges.shipping,
        shipping_tax=charges.shipping_tax,
        total=priced.total,
        number=given.text("name", 60),
        customer_id=_customer_id(customer),
        buyer_currency=_buyer_currency(given, currency),
        placed_at=given.moment("created_at"),
        service_name=next((row.text("title", 100) for row in given.parts("shipping_lines")), ""),
        is_test=given.flag("test"),
        differs=charges.differs,
        stated_tax=priced.tax,
        doubts=sorted({*paid.doubts, *priced.doubts, *address_doubts(address, to)}),
    )


class _Priced(NamedTuple):
    """What its customer pays for what is wanted now; total and tax as stated, and what is doubtful about them."""

    charges: Charges
    total: Decimal
    tax: Decimal | None
    doubts: list[str]


def _priced(given: Part, currency: str, *, is_cancelled: bool) -> _Priced:
    """Read what is wanted now and what it costs.

    A cancelled order is kept as it was ordered: that nothing of it is wanted is what its cancelling says.
    """
    includes_tax = given.flag("taxes_included")
    lines = sold_lines(given)
    shipping, shipping_tax, shipping_off = shipping_of(given, includes_tax)
    off = sum((line.off for line in lines), ZERO)
    spread_rest(lines, given.due("total_discounts") - off - shipping_off, currency)
    doubts = []
    if is_cancelled or not any(line.units for line in lines):
        if not is_cancelled and any(line.first for line in lines):
            doubts.append("nothing_left")
        for line in lines:
            line.units = line.first
    is_less = any(line.units < line.first for line in lines)
    is_shared = any(
        0 < line.units < line.first for line in lines
    )  # whose amounts are shares, rounded
    total = _total_now(given) if is_less else stated_total(given, "total_price")
    found = sold(as_foreign(line, includes_tax, currency) for line in lines if line.units)
    tax_name = "current_total_tax" if is_less else "total_tax"
    tax = given.due(tax_name) if tax_name in given else None
    charges = reconciled(
        Charges(_with_extras(given, found, total, shipping + shipping_tax), shipping, shipping_tax),
        total=total,
        currency=currency,
        tax=tax,
        exact=frozenset() if is_shared else frozenset({"net", "tax"}),
    )
    if charges.tax_differs:
        doubts.append("tax_differs")
    return _Priced(charges, total, tax, doubts)


def _total_now(given: Part) -> Decimal:
    """What an order costs of which something was taken off."""
    if "current_total_price" in given:
        return stated_total(given, "current_total_price")
    worth = sum((worth_of_goods(refund) for refund in given.parts("refunds")), ZERO)
    return max(ZERO, stated_total(given, "total_price") - worth)


def _with_extras(
    given: Part, lines: list[ForeignLine], total: Decimal, shipping: Decimal
) -> list[ForeignLine]:
    """The lines, and a tip or duties where they are what the total has beside them: some shops sell tips as lines."""
    missing = total - shipping - sum((x.subtotal - x.discount + x.tax for x in lines), ZERO)
    duties = [
        duty.part("shop_money").amount("amount")
        for row in given.parts("line_items")
        for duty in row.parts("duties")
    ]
    tip = charge("tip", "Tip", given.due("total_tip_received"))
    duty = charge("duties", "Duties", sum(duties, ZERO))
    for extras in ([tip], [duty], [tip, duty]):
        if 0 < missing == sum((x.subtotal for x in extras), ZERO):
            return [*lines, *extras]
    return lines


def _buyer(given: Part, customer: Part, address: Part) -> Buyer:
    """Who bought; a phone number of the address only where no e-mail address tells who it is."""
    email = given.text("email", 254) or given.text("contact_email", 254)
    return Buyer(
        name=_name(customer) or _name(address) or address.text("company", 200),
        email=email or customer.text("email", 254),
        phone=given.text("phone", 40)
        or customer.text("phone", 40)
        or ("" if email else address.text("phone", 40)),
    )


def _is_cod(given: Part) -> bool:
    ways = [w.lower() for w in given.items("payment_gateway_names") if isinstance(w, str)]
    return any("cash on delivery" in w or w in {"cod", "cash_on_delivery"} for w in ways)


def _customer_id(customer: Part) -> str:
    return gid_of(customer)


def _name(given: Part) -> str:
    return given.text("name", 200) or person_in(given)


def _address(given: Part) -> Address:
    return address_in(given, NAMES, name=_name(given))
