"""Reads WooCommerce's order webhooks: REST v3, v2 and legacy v3."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from html import unescape

from erp.money import minor_unit
from orders.customers.contacts import Address, Buyer
from orders.intake.messages.foreign_json import Part, Unreadable, currency_code, parsed
from orders.intake.messages.statements import StatedRefund, Statement
from orders.intake.messages.totals import Charges, reconciled, sold, stated_payment, stated_total
from orders.intake.shops.addresses import Names, address_doubts, address_in, code_in, person_in
from orders.intake.shops.marks import TAG, WOO_FLAG, WOO_REMARK, flag_of, remark_of
from orders.intake.shops.woo_fees import with_fees
from orders.placement.incoming import ForeignLine, ForeignOrder

ZERO = Decimal(0)


NAMES = Names("address_1", "address_2", "state", "postcode", "country")


# How far an order has got by its status. Of one that is not here (a deposit plug-in's, a shop's own) nobody
# knows what it means.
PROGRESS = {
    "auto-draft": 0,
    "draft": 0,
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


ARE_PAID = frozenset({"processing", "completed", "refunded"})  # what its makers say these mean


MAY_BE_PAID = ARE_PAID | {"on-hold", "cancelled", "trash"}  # where a date says so


LIVE = frozenset(
    {"pending", "on-hold", "processing", "completed"}
)  # it stands, whatever it was before


PAID_ON = ("date_paid", "date_paid_gmt")


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
    external_id = given.key("id")
    if not external_id:
        raise Unreadable("no_id")
    if verb == "deleted" or not any(name in given for name in ("line_items", "status")):
        return Statement(external_id=external_id, deleted=verb == "deleted")
    currency = currency_code(given.text("currency"))
    status = given.text("status", 40).removeprefix("wc-")
    refunds = [_refund(row) for row in given.parts("refunds")]
    total = stated_total(given, "total")
    is_paid, doubts = _is_paid(given, status, total, refunds)
    paid = total if is_paid else ZERO
    return Statement(
        external_id=external_id,
        at=_moment(given, "date_modified_gmt", "updated_at", "date_modified"),
        order=_order(given, external_id, currency, paid, doubts),
        progress=PROGRESS.get(status, 0),
        paid=paid,
        refunds=refunds,
        cancelled=status if status in {"cancelled", "trash"} else None,
        is_live=status in LIVE,
        shipped=status == "completed",
    )


def _is_paid(
    given: Part, status: str, total: Decimal, refunds: Sequence[StatedRefund]
) -> tuple[bool, list[str]]:
    """Whether all of its total has come, by its status and the day it was paid; and what contradicts that.

    A date alone says no more than that something came: with a deposit it is set as well. WooCommerce dates
    orders that the carrier collects for as soon as they are worked on, so those are paid once completed.
    """
    if status not in PROGRESS:
        return False, ["state_unknown"]
    back = sum((refund.amount for refund in refunds), ZERO)
    dated = [given.moment(name, utc=True) is not None for name in PAID_ON]
    is_dated = any(dated) or given.part("payment_details").flag("paid")
    says_no = not is_dated and (
        any(name in given.value for name in PAID_ON)
        or given.part("payment_details").raw("paid") is False
    )
    doubts = []
    if (status in ARE_PAID and says_no and total and not _is_cod(given)) or (
        status == "refunded" and back < total
    ):
        doubts.append("state_contradicts")
    if _is_cod(given):
        return status in {"completed", "refunded"} and is_dated, doubts
    if says_no:
        return False, doubts
    return (is_dated and status in MAY_BE_PAID) or status in ARE_PAID, doubts


def _moment(given: Part, *names: str) -> datetime | None:
    """The first of these fields that holds a time. `…_gmt` and the legacy API write UTC without a zone."""
    return next((at for name in names if (at := given.moment(name, utc=True))), None)


def _refund(row: Part) -> StatedRefund:
    """A refund of an order: its total is below zero; the legacy API says the amount."""
    key = row.key("id")
    if not key:
        raise Unreadable("no_id")
    if "total" not in row:
        return StatedRefund(key=key, amount=row.stated("amount"))
    total = row.amount("total")
    if total > 0:
        raise Unreadable("amount_unreadable", field="refunds.total", value=str(total))
    return StatedRefund(key=key, amount=-total)


def _is_cod(given: Part) -> bool:
    method = given.text("payment_method") or given.part("payment_details").text("method_id")
    return method == "cod"


def _order(
    given: Part, external_id: str, currency: str, paid: Decimal, doubts: Sequence[str]
) -> ForeignOrder:
    includes_tax = given.flag("prices_include_tax")
    rows = list(given.parts("line_items"))
    lines = with_fees(
        sold(_line(row, includes_tax) for row in rows), given.parts("fee_lines"), currency
    )
    total = stated_total(given, "total")
    tax = given.amount("total_tax") if "total_tax" in given else None
    charges = reconciled(
        Charges(lines, *_shipping(given)),
        total=total,
        currency=currency,
        tax=tax,
        exact=frozenset() if includes_tax else frozenset({"net"}),  # prices without tax are round
    )
    found = set(doubts)
    if charges.tax_differs:
        found.add("tax_differs")
    if any(not _multiplies(row, currency) for row in rows):
        found.add("units_differ")
    billing = given.part("billing") or given.part("billing_address")
    shipping_to = given.part("shipping") or given.part("shipping_address")
    ship_to = shipping_to if shipping_to.text("address_1") else billing
    to = _address(ship_to, billing.text("phone", 40))
    found.update(address_doubts(ship_to, to))
    customer_id = given.key("customer_id")
    return ForeignOrder(
        external_id=external_id,
        currency=currency,
        customer=Buyer(
            name=person_in(billing)
            or person_in(ship_to)
            or billing.text("company", 200)
            or ship_to.text("company", 200),
            email=billing.text("email", 254),
            phone=billing.text("phone", 40),
        ),
        shipping_address=to,
        billing_address=_address(billing, "") if billing else None,
        lines=charges.lines,
        shipping_service="",
        payment=stated_payment(external_id, paid, currency, is_cod=_is_cod(given)),
        note=given.text("customer_note", 5000) or given.text("note", 5000),
        remark=remark_of(given.parts("meta_data"), name=WOO_REMARK, key="key"),
        flag=flag_of(TAG + remark_of(given.parts("meta_data"), name=WOO_FLAG, key="key")),
        metadata={"ip_address": ip} if (ip := given.text("customer_ip_address", 45)) else {},
        includes_tax=includes_tax,
        shipping=charges.shipping,
        shipping_tax=charges.shipping_tax,
        total=total,
        number=given.text("number", 60) or given.text("order_number", 60),
        customer_id=customer_id if customer_id != "0" else "",
        placed_at=_moment(given, "date_created_gmt", "created_at"),
        service_name=_service(given.parts("shipping_lines")),
        differs=charges.differs,
        stated_tax=tax,
        doubts=sorted(found),
    )


def _shipping(given: Part) -> tuple[Decimal, Decimal]:
    """What shipping costs, net, and its tax: of the order where its lines say none."""
    rows = list(given.parts("shipping_lines"))
    shipping = sum((row.due("total") for row in rows), ZERO)
    tax = sum((row.due("total_tax") for row in rows), ZERO)
    return shipping, tax or given.due("shipping_tax")


def _service(rows: Iterable[Part]) -> str:
    return next((row.text("method_title", 100) for row in rows), "")


def _line(row: Part, includes_tax: bool) -> ForeignLine:
    quantity = row.units("quantity", row.text("sku", 60) or row.text("name", 60))
    paid = row.stated("total")
    subtotal = max(row.due("subtotal"), paid)
    shown = subtotal + (row.due("subtotal_tax") if includes_tax else ZERO)
    variation = row.key("variation_id")
    return ForeignLine(
        sku=code_in(row, "sku"),
        code=code_in(row, "sku"),
        quantity=quantity,
        key=row.key("id"),
        listing=variation if variation not in {"", "0"} else row.key("product_id"),
        name=unescape(row.text("name")),
        unit_price=round(shown / quantity, 4) if quantity > 0 else ZERO,
        subtotal=subtotal,
        discount=subtotal - paid,
        tax=row.due("total_tax"),
    )


def _multiplies(row: Part, currency: str) -> bool:
    """Whether a line's price, where it is stated, times its units is its total; a price may be rounded."""
    if not row.text("price"):
        return True
    quantity = row.units("quantity", "")
    slack = minor_unit(currency) * (quantity + 1) / 2
    price, total, subtotal = row.due("price"), row.due("total"), row.due("subtotal")
    taxed = total + row.due("total_tax")
    return any(abs(price * quantity - whole) <= slack for whole in (total, subtotal, taxed))


def _address(given: Part, phone: str) -> Address:
    return address_in(given, NAMES, name=person_in(given), phone=phone)
