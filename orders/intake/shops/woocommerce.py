"""Reads WooCommerce's order webhooks: REST v3, v2 and legacy v3."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from html import unescape

from orders.customers.contacts import Address, Buyer
from orders.intake.messages.foreign_json import Part, Unreadable, currency_code, parsed
from orders.intake.messages.statements import StatedRefund, Statement
from orders.intake.messages.totals import made_to_add_up, sold, stated_payment, stated_total
from orders.intake.shops.addresses import Names, address_in, person_in
from orders.intake.shops.marks import TAG, WOO_FLAG, WOO_REMARK, flag_of, remark_of
from orders.placement.incoming import ForeignLine, ForeignOrder

ZERO = Decimal(0)


NAMES = Names("address_1", "address_2", "state", "postcode", "country")


PROGRESS = {
    "checkout-draft": 0,
    "pending": 1,
    "failed": 2,
    "on-hold": 3,
    "processing": 4,
    "completed": 5,
    "refunded": 6,
    "cancelled": 7,
    "trash": 7,
}


def read(topic: str, body: bytes, *, currency: str) -> list[Statement]:
    """What a message says of an order; nothing where it is about none. Raises Unreadable."""
    found = _read(topic, body)
    return [found] if found is not None else []


def _read(topic: str, body: bytes) -> Statement | None:
    given = parsed(body)
    resource, _dot, verb = topic.partition(".")
    if not given or resource != "order":
        return None
    given = given.part("order") or given
    external_id = given.text("id", 40)
    if not external_id:
        raise Unreadable("no_id")
    if verb == "deleted" or not any(name in given for name in ("line_items", "status")):
        return Statement(external_id=external_id, deleted=verb == "deleted")
    status = given.text("status", 40).removeprefix("wc-")
    refunds = [_refund(row) for row in given.parts("refunds")]
    total = given.amount("total")
    is_paid = (
        any(name in given for name in ("date_paid", "date_paid_gmt"))
        or given.part("payment_details").flag("paid")
        or (status in {"processing", "completed", "refunded"} and not _is_cod(given))
    )
    return Statement(
        external_id=external_id,
        at=_moment(given, "date_modified_gmt", "updated_at", "date_modified"),
        order=_order(given, external_id, total if is_paid else ZERO),
        progress=PROGRESS.get(status, 0),
        paid=total if is_paid else ZERO,
        refunds=refunds,
        cancelled=status if status in {"cancelled", "trash"} else None,
        shipped=status == "completed",
    )


def _moment(given: Part, *names: str) -> datetime | None:
    """The first of these fields that holds a time. `…_gmt` and the legacy API write UTC without a zone."""
    return next((at for name in names if (at := given.moment(name, utc=True))), None)


def _refund(row: Part) -> StatedRefund:
    amount = row.amount("total") or row.amount("amount")
    return StatedRefund(key=row.text("id", 40), amount=abs(amount))


def _is_cod(given: Part) -> bool:
    method = given.text("payment_method") or given.part("payment_details").text("method_id")
    return method == "cod"


def _order(given: Part, external_id: str, paid: Decimal) -> ForeignOrder:
    currency = currency_code(given.text("currency", 3))
    includes_tax = given.flag("prices_include_tax")
    lines = sold(_line(row, includes_tax) for row in given.parts("line_items"))
    total = stated_total(given, "total")
    lines += [_fee(row) for row in given.parts("fee_lines") if row.amount("total") > 0]
    shipping, shipping_tax = _shipping(given)
    lines, shipping, shipping_tax, differs = made_to_add_up(
        lines, shipping=shipping, shipping_tax=shipping_tax, total=total, currency=currency
    )
    billing = given.part("billing") or given.part("billing_address")
    shipping_to = given.part("shipping") or given.part("shipping_address")
    ship_to = shipping_to if shipping_to.text("address_1") else billing
    customer_id = given.text("customer_id", 40)
    return ForeignOrder(
        external_id=external_id,
        currency=currency,
        customer=Buyer(
            name=person_in(billing) or person_in(ship_to),
            email=billing.text("email", 254),
            phone=billing.text("phone", 40),
        ),
        shipping_address=_address(ship_to, billing.text("phone", 40)),
        billing_address=_address(billing, "") if billing else None,
        lines=lines,
        shipping_service="",
        payment=stated_payment(external_id, paid, currency, is_cod=_is_cod(given)),
        note=given.text("customer_note", 5000) or given.text("note", 5000),
        remark=remark_of(given.parts("meta_data"), name=WOO_REMARK, key="key"),
        flag=flag_of(TAG + remark_of(given.parts("meta_data"), name=WOO_FLAG, key="key")),
        metadata={"ip_address": ip} if (ip := given.text("customer_ip_address", 45)) else {},
        includes_tax=includes_tax,
        shipping=shipping,
        shipping_tax=shipping_tax,
        total=total,
        number=given.text("number", 60) or given.text("order_number", 60),
        customer_id=customer_id if customer_id != "0" else "",
        placed_at=_moment(given, "date_created_gmt", "created_at", "date_created"),
        service_name=_service(given.parts("shipping_lines")),
        differs=differs,
    )


def _shipping(given: Part) -> tuple[Decimal, Decimal]:
    """What shipping costs, net, and its tax: of the order where its lines say none."""
    rows = given.parts("shipping_lines")
    shipping = sum((row.amount("total") for row in rows), ZERO)
    tax = sum((_tax(row) for row in rows), ZERO) or given.amount("shipping_tax")
    return max(ZERO, shipping), max(ZERO, tax)


def _service(rows: Iterable[Part]) -> str:
    return next((row.text("method_title", 100) for row in rows), "")


def _tax(row: Part) -> Decimal:
    return row.amount("total_tax")


def _line(row: Part, includes_tax: bool) -> ForeignLine:
    quantity = row.whole("quantity")
    subtotal, paid = row.amount("subtotal"), row.amount("total")
    subtotal = max(subtotal, paid, ZERO)
    shown = subtotal + (row.amount("subtotal_tax") if includes_tax else ZERO)
    variation = row.text("variation_id", 40)
    return ForeignLine(
        sku=row.text("sku", 60),
        code=row.text("sku", 60),
        quantity=quantity,
        key=row.text("id", 40),
        listing=variation if variation not in {"", "0"} else row.text("product_id", 40),
        name=unescape(row.text("name")),
        unit_price=round(shown / quantity, 4) if quantity > 0 else ZERO,
        subtotal=subtotal,
        discount=max(ZERO, subtotal - paid),
        tax=max(ZERO, _tax(row)),
    )


def _fee(row: Part) -> ForeignLine:
    return ForeignLine(
        sku="",
        quantity=1,
        key=row.text("id", 40),
        name=row.text("name") or row.text("title"),
        is_service=True,
        unit_price=row.amount("total"),
        subtotal=row.amount("total"),
        tax=max(ZERO, _tax(row)),
    )


def _address(given: Part, phone: str) -> Address:
    return address_in(given, NAMES, name=person_in(given), phone=phone)
