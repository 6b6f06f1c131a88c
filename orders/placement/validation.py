"""Validates an incoming order: every fault, with its field."""

from functools import cache

from django.utils.translation import gettext as _

from erp.bounds import LONGEST
from erp.errors import FieldError
from erp.money import minor_unit
from erp.visible import is_blank, seen
from orders.customers.contacts import Address, is_country, is_email
from orders.customers.invoice_details import invoice_findings
from orders.order.models.order import Order
from orders.placement.incoming import IncomingOrder, stated_columns
from orders.placement.prepared import PreparedOrder

MOST_LINES = 2000
MOST_COUPONS = 20
MOST_UNITS = 1_000_000  # of one line
LOOKED_UP = {"currency", "type", "shipping_service"}  # refused as unknown, however long
TODAY, A_YEAR = -1, 366  # days from now, with one to spare: it is tomorrow somewhere
LIMITS = {
    "name": 200,
    "line1": 250,
    "line2": 250,
    "city": 120,
    "region": 120,
    "postal_code": 20,
    "phone": 40,
}


def check_order(prepared: PreparedOrder, *, quote: bool = False) -> list[FieldError]:
    """Return every reason why this order cannot be accepted; none when it can."""
    errors, order = _Errors(), prepared.order
    _check_head(prepared, errors, quote)
    _check_way(prepared, errors)
    _check_address(order.shipping_address, "/shipping_address", errors)
    if order.billing_address:
        _check_address(order.billing_address, "/billing_address", errors)
    _check_lines(prepared, errors)
    if order.invoice is not None:
        for name, code, text in invoice_findings(order.invoice):
            errors.add(f"/invoice/{name}", code, text)
    if not quote:
        _check_payment(prepared, errors)
    return errors.found


class _Errors:
    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def add(self, pointer: str, code: str, detail: str) -> None:
        self.found.append(FieldError(pointer, code, detail))


def _check_head(prepared: PreparedOrder, errors: _Errors, quote: bool) -> None:
    order, facts = prepared.order, prepared.facts
    if is_blank(order.external_id):
        errors.add("/external_id", "required", _("Enter your own id of this order."))
    for name, limit in _column_limits():
        if len(getattr(order, name)) > limit:
            errors.add(
                f"/{name}", "too-long", _("At most %(limit)s characters.") % {"limit": limit}
            )
    if order.currency != facts.policy.currency:
        errors.add(
            "/currency",
            "wrong-currency",
            _("This channel sells in %(currency)s.") % {"currency": facts.policy.currency},
        )
    _check_buyer(prepared, errors, quote)
    if len(order.note) > 5000:
        errors.add("/note", "too-long", _("At most 5,000 characters."))
    if len(order.metadata) > 50:
        errors.add("/metadata", "too-long", _("At most 50 keys."))
    elif sum(len(key) + len(str(said)) for key, said in order.metadata.items()) > LONGEST:
        errors.add("/metadata", "too-long", _("At most 20,000 characters in all."))
    if order.shipping_service not in facts.services:
        errors.add(
            "/shipping_service",
            "unknown",
            _("Available: %(services)s.") % {"services": ", ".join(sorted(facts.services))},
        )
    if order.coupon_codes:
        _check_coupons(prepared, errors)


def _check_buyer(prepared: PreparedOrder, errors: _Errors, quote: bool) -> None:
    buyer = prepared.order.customer
    email = seen(buyer.email)
    if not quote and not email and is_blank(buyer.phone):
        errors.add("/customer", "required", _("Enter an e-mail address or a phone number."))
    if email and not is_email(email):
        errors.add("/customer/email", "malformed", _("This is not an e-mail address."))
    if len(buyer.name) > 200:
        errors.add("/customer/name", "too-long", _("At most 200 characters."))
    if len(buyer.phone) > 40:
        errors.add("/customer/phone", "too-long", _("At most 40 characters."))


@cache
def _column_limits() -> tuple[tuple[str, int], ...]:
    """How long what an order states may be, by the column that keeps it; what is one of a list is looked up there."""
    columns = {column.attname: column for column in Order._meta.concrete_fields}
    stated = [name for name in stated_columns(IncomingOrder) if name not in LOOKED_UP]
    return tuple((name, most) for name in stated if (most := columns[name].max_length) is not None)


def _check_way(prepared: PreparedOrder, errors: _Errors) -> None:
    order = prepared.order
    if not prepared.has_type:
        errors.add("/type", "unknown", _("There is no order type of this name."))
    if order.ship_not_before is not None and not (
        TODAY <= (order.ship_not_before - prepared.facts.now.date()).days <= A_YEAR
    ):
        errors.add("/ship_not_before", "out-of-range", _("Choose a day within the next year."))


def _check_coupons(prepared: PreparedOrder, errors: _Errors) -> None:
    order, facts = prepared.order, prepared.facts
    if len(order.coupon_codes) > MOST_COUPONS:
        errors.add(
            "/coupon_codes", "too-many", _("At most %(most)s coupons.") % {"most": MOST_COUPONS}
        )
    offered = {promotion.id for promotion in facts.promotions}
    for index, code in enumerate(prepared.coupons):
        coupon = facts.coupons.get(code)
        pointer = f"/coupon_codes/{index}"
        if coupon is None or not coupon.is_active:
            errors.add(pointer, "unknown-coupon", _("There is no such coupon."))
        elif coupon.starts_at is not None and coupon.starts_at > facts.now:
            errors.add(pointer, "coupon-not-yet", _("This coupon is not valid yet."))
        elif coupon.ends_at is not None and coupon.ends_at <= facts.now:
            errors.add(pointer, "coupon-expired", _("This coupon has expired."))
        elif coupon.promotion not in offered:
            errors.add(
                pointer, "coupon-not-here", _("This coupon is not valid on this channel right now.")
            )
        elif coupon.left is not None and coupon.left <= 0:
            errors.add(pointer, "coupon-used-up", _("This coupon has been used up."))
        elif coupon.most is not None and coupon.used_by(prepared.customer_id) >= coupon.most:
            errors.add(pointer, "coupon-used", _("You have used this coupon already."))


def _check_address(address: Address, pointer: str, errors: _Errors) -> None:
    for name in ("name", "line1"):
        if is_blank(getattr(address, name)):
            errors.add(f"{pointer}/{name}", "required", _("Required for delivery."))
    if not is_country(address.country):
        errors.add(f"{pointer}/country", "unknown", _("Give an ISO 3166-1 code such as CN."))
    for name, limit in LIMITS.items():
        if len(getattr(address, name)) > limit:
            errors.add(
                f"{pointer}/{name}",
                "too-long",
                _("At most %(limit)s characters.") % {"limit": limit},
            )


def _check_lines(prepared: PreparedOrder, errors: _Errors) -> None:
    order = prepared.order
    if not order.lines:
        errors.add("/lines", "required", _("An order has at least one line."))
    if len(order.lines) > MOST_LINES:
        errors.add("/lines", "too-long", _("At most %(most)s lines.") % {"most": MOST_LINES})
    for index, known in enumerate(prepared.lines):
        line, sku = known.line, known.sku
        if not 1 <= line.quantity <= MOST_UNITS:
            errors.add(
                f"/lines/{index}/quantity",
                "out-of-range",
                _("A quantity is between 1 and %(most)s.") % {"most": MOST_UNITS},
            )
        if sku is None or not sku.is_active:
            errors.add(
                f"/lines/{index}/sku",
                "unknown-sku",
                _("There is no SKU %(sku)s.") % {"sku": line.sku},
            )
        elif not known.has_price:
            errors.add(
                f"/lines/{index}/sku",
                "no-price",
                _("%(sku)s has no price on this channel.") % {"sku": line.sku},
            )


def _check_payment(prepared: PreparedOrder, errors: _Errors) -> None:
    order, method = prepared.order, prepared.method
    payment = order.payment
    if order.balance_due_at is not None:
        if not method.awaits_payment or (method.is_paid_ahead and payment.amount is None):
            errors.add(
                "/balance_due_at",
                "no-deposit",
                _("A balance needs a deposit: state the deposit in payment."),
            )
        elif order.balance_due_at <= prepared.facts.now:
            errors.add(
                "/balance_due_at",
                "out-of-range",
                _("The balance due date has to be in the future."),
            )
    if method.is_paid_ahead and is_blank(payment.reference):
        errors.add("/payment/reference", "required", _("Give the payment provider's reference."))
    if len(payment.reference) > 200:
        errors.add("/payment/reference", "too-long", _("At most 200 characters."))
    if payment.amount is None:
        return
    amount = prepared.stated
    if amount is None or amount <= 0 or amount >= 10**13:
        errors.add("/payment/amount/amount", "out-of-range", _("An amount is above zero."))
    elif payment.amount.currency != order.currency:
        errors.add(
            "/payment/amount/currency", "wrong-currency", _("Pay in the currency of the order.")
        )
    elif amount != amount.quantize(minor_unit(order.currency)):
        errors.add("/payment/amount/amount", "too-precise", _("Too many decimal places."))
