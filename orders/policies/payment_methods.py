"""Defines payment methods in one table, with what follows from each."""

from typing import Literal, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Code = Literal["unpaid", "prepaid", "on_account", "cod"]  # what the API takes: every method below


class PaymentMethod(NamedTuple):
    """How an order is paid.

    name             what it is called beside an amount
    awaits_payment   an order goes no further before its money has come
    is_paid_ahead    the money was captured before the order came, under a reference of its provider
    is_on_delivery   the carrier collects it
    uses_credit      it is owed, within the customer's credit limit
    at_desk          what staff call it who enter an order; "" where they cannot choose it
    in_files         what staff call it who take in a file of orders
    """

    code: str
    name: str | Promise
    in_files: str | Promise
    at_desk: str | Promise = ""
    awaits_payment: bool = False
    is_paid_ahead: bool = False
    is_on_delivery: bool = False
    uses_credit: bool = False


METHODS = {
    method.code: method
    for method in (
        PaymentMethod(
            "unpaid",
            _("Unpaid"),
            _("To be paid"),
            at_desk=_("Prepaid"),
            awaits_payment=True,
        ),
        PaymentMethod(
            "prepaid", _("Prepaid"), _("Already paid"), awaits_payment=True, is_paid_ahead=True
        ),
        PaymentMethod(
            "on_account",
            _("On account"),
            _("On account"),
            at_desk=_("On account"),
            uses_credit=True,
        ),
        PaymentMethod(
            "cod",
            _("Cash on delivery"),
            _("Cash on delivery"),
            at_desk=_("Cash on delivery"),
            is_on_delivery=True,
        ),
    )
}
BY_HAND = _("Recorded by hand")
AT_DESK = ("unpaid", "cod", "on_account")  # the first is what the desk begins with: anybody may
USE_CREDIT = frozenset(m.code for m in METHODS.values() if m.uses_credit)
AWAIT_PAYMENT = frozenset(m.code for m in METHODS.values() if m.awaits_payment)


def method_of(code: str) -> PaymentMethod:
    """The method of a code; of any other word, as whoever recorded a payment gave it, one that asks for nothing."""
    return METHODS.get(code) or PaymentMethod(code, BY_HAND if code == "manual" else code, code)
