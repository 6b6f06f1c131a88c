"""Reads Shopify's order, refund, fulfilment and transaction webhooks.

Ids are read from `admin_graphql_api_id`, whose digits nothing rounds; the plain `id` is an alias.
"""

from decimal import Decimal

from orders.customers.contacts import Address, Buyer
from orders.intake.messages.foreign_json import Part, Unreadable, currency_code, parsed
from orders.intake.messages.statements import StatedRefund, Statement
from orders.intake.messages.totals import (
    made_to_add_up,
    sold,
    spread_discount,
    stated_payment,
    stated_total,
)
from orders.intake.shops.addresses import Names, address_in, person_in
from orders.intake.shops.marks import REMARK, flag_of, remark_of
from orders.placement.incoming import ForeignLine, ForeignOrder

ZERO = Decimal(0)


NAMES = Names("address1", "address2", "province", "zip", "country_code")


ORDER_TOPICS = frozenset(
    f"orders/{verb}"
    for verb in ("create", "updated", "paid", "cancelled", "fulfilled", "partially_fulfilled")
)


PAID = {"paid": 3, "partially_refunded": 4, "refunded": 5}


UNPAID = {"pending": 0, "authorized": 1, "partially_paid": 2, "voided": 1, "expired": 1}


SHIPPED = {"partial": 1, "fulfilled": 2, "restocked": 2}


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
        return Statement(external_id=_order_id(given), refunds=[_refund(given)])
    if topic in {"fulfillments/create", "fulfillments/update"} and "order_id" in given:
        return Statement(external_id=_order_id(given))
    if topic == "order_transactions/create":
        return _of_transaction(given)
    return None


def _id(given: Part) -> str:
    """The id of an order: of its gid where it has one."""
    exact = given.text("admin_graphql_api_id").rpartition("/")[2]
    found = exact if exact.isdecimal() else given.text("id", 40)
    if not found:
        raise Unreadable("no_id")
    return found


def _order_id(given: Part) -> str:
    if found := given.text("order_id", 40):
        return found
    raise Unreadable("no_id")


def _of_order(topic: str, given: Part) -> Statement:
    external_id, alias = _id(given), given.text("id", 40)
    status = given.text("financial_status")
    total = given.amount("total_price")
    paid = ZERO
    if status in PAID:
        paid = total
    elif status == "partially_paid":
        paid = max(ZERO, total - given.amount("total_outstanding"))
    is_cancelled = "cancelled_at" in given or topic == "orders/cancelled"
    shipped = given.text("fulfillment_status")
    return Statement(
        external_id=external_id,
        alias=alias if alias != external_id else "",
        at=given.moment("updated_at"),
        order=_order(given, external_id, paid),
        progress=PAID.get(status, UNPAID.get(status, 0)) * 4 + SHIPPED.get(shipped, 0),
        paid=paid,
        refunds=[_refund(refund) for refund in given.parts("refunds")],
        cancelled=(given.text("cancel_reason", 60) or "other") if is_cancelled else None,
        shipped=shipped == "fulfilled" or topic == "orders/fulfilled",
    )


def _refund(given: Part) -> StatedRefund:
    sums = [
        row.amount("amount")
        for row in given.parts("transactions")
        if row.text("kind") == "refund" and row.text("status") in {"success", ""}
    ]
    units: dict[str, int] = {}
    worth = ZERO
    for row in given.parts("refund_line_items"):
        key = row.text("line_item_id", 40)
        units[key] = units.get(key, 0) + max(0, row.whole("quantity"))
        worth += row.amount("subtotal") + row.amount("total_tax")
    worth += sum((-row.amount("amount") for row in given.parts("order_adjustments")), ZERO)
    amount = sum(sums, ZERO) if sums else worth
    return StatedRefund(key=_id(given), amount=max(ZERO, amount), units=units)


def _of_transaction(given: Part) -> Statement | None:
    statement = Statement(external_id=_order_id(given))
    if given.text("kind") in {"sale", "capture"} and given.text("status") == "success":
        captures = {_id(given): given.amount("amount")}
        return Statement(external_id=statement.external_id, captures=captures)
    return statement


def _order(given: Part, external_id: str, paid: Decimal) -> ForeignOrder:
    currency = currency_code(given.text("currency", 3))
    includes_tax = given.flag("taxes_included")
    lines = sold(_line(row, includes_tax) for row in given.parts("line_items"))
    total = stated_total(given, "total_price")
    allocated = sum((line.discount for line in lines), ZERO)
    shipping, shipping_tax, shipping_off = _shipping(given, includes_tax)
    rest = given.amount("total_discounts") - allocated - shipping_off
    if rest > 0:
        lines = spread_discount(lines, rest, currency)
    lines, shipping, shipping_tax, differs = made_to_add_up(
        lines, shipping=shipping, shipping_tax=shipping_tax, total=total, currency=currency
    )
    address = given.part("shipping_address") or given.part("billing_address")
    customer = given.part("customer")
    return ForeignOrder(
        external_id=external_id,
        currency=currency,
        customer=_buyer(given, customer, address),
        shipping_address=_address(address),
        billing_address=_address(given.part("billing_address"))
        if given.part("billing_address")
        else None,
        lines=lines,
        shipping_service="",
        payment=stated_payment(external_id, paid, currency, is_cod=_is_cod(given)),
        note=given.text("note", 5000),
        remark=remark_of(given.parts("note_attributes"), name=REMARK),
        flag=flag_of(given.text("tags", 2000)),
        metadata={"ip_address": ip} if (ip := given.text("browser_ip", 45)) else {},
        includes_tax=includes_tax,
        shipping=shipping,
        shipping_tax=shipping_tax,
        total=total,
        number=given.text("name", 60),
        customer_id=_customer_id(customer),
        placed_at=given.moment("created_at"),
        service_name=next((row.text("title", 100) for row in given.parts("shipping_lines")), ""),
        is_test=given.flag("test"),
        differs=differs,
    )


def _buyer(given: Part, customer: Part, address: Part) -> Buyer:
    """Who bought; a phone number of the address only where no e-mail address tells who it is."""
    email = given.text("email", 254) or given.text("contact_email", 254)
    return Buyer(
        name=_name(customer) or _name(address),
        email=email or customer.text("email", 254),
        phone=given.text("phone", 40)
        or customer.text("phone", 40)
        or ("" if email else address.text("phone", 40)),
    )


def _is_cod(given: Part) -> bool:
    ways = [w.lower() for w in given.items("payment_gateway_names") if isinstance(w, str)]
    return any("cash on delivery" in w or w in {"cod", "cash_on_delivery"} for w in ways)


def _customer_id(customer: Part) -> str:
    exact = customer.text("admin_graphql_api_id").rpartition("/")[2]
    return exact if exact.isdecimal() else customer.text("id", 40)


def _line(row: Part, includes_tax: bool) -> ForeignLine:
    quantity = row.whole("quantity")
    price = row.amount("price")
    tax = sum((each.amount("price") for each in row.parts("tax_lines")), ZERO)
    off = sum((each.amount("amount") for each in row.parts("discount_allocations")), ZERO)
    off = min(off or row.amount("total_discount"), price * max(quantity, 0))
    shown = price * max(quantity, 0)
    if includes_tax:
        paid = shown - off
        share = (paid - tax) / paid if paid > 0 else Decimal(1)
        subtotal, discount = shown * share, off * share
    else:
        subtotal, discount = shown, off
    return ForeignLine(
        sku=row.text("sku", 60),
        code=row.text("sku", 60),
        quantity=quantity,
        key=_line_id(row),
        listing=row.text("variant_id", 40) or row.text("product_id", 40),
        name=row.text("name") or row.text("title"),
        is_service=row.flag("gift_card") or row.raw("requires_shipping") is False,
        unit_price=price,
        subtotal=subtotal,
        discount=discount,
        tax=tax,
    )


def _line_id(row: Part) -> str:
    exact = row.text("admin_graphql_api_id").rpartition("/")[2]
    return exact if exact.isdecimal() else row.text("id", 40)


def _shipping(given: Part, includes_tax: bool) -> tuple[Decimal, Decimal, Decimal]:
    """Shipping net of tax and discounts, its tax, and the discounts that were on it."""
    net = tax = off = ZERO
    for row in given.parts("shipping_lines"):
        if row.flag("is_removed"):
            continue
        each_tax = sum((each.amount("price") for each in row.parts("tax_lines")), ZERO)
        each_off = sum((each.amount("amount") for each in row.parts("discount_allocations")), ZERO)
        paid = row.amount("price") - each_off
        net += paid - each_tax if includes_tax else paid
        tax, off = tax + each_tax, off + each_off
    return max(ZERO, net), tax, off


def _name(given: Part) -> str:
    return given.text("name", 200) or person_in(given)


def _address(given: Part) -> Address:
    return address_in(given, NAMES, name=_name(given))
