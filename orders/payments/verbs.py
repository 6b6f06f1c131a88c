"""Declares the verbs of payments: what was paid or promised for an order, and what became of a promise."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import msgspec
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.errors import FieldError, Invalid
from erp.identifiers import Identified, Reference
from erp.ids import primary_key
from erp.queries import find_one
from erp.templatetags.show import plain
from erp.verbs import Ask, Noun, Verb
from orders.customers.contacts import Amount
from orders.order.models.order import Order
from orders.order.models.payment import Payment
from orders.order.queries import balance_of, find_order, read_order
from orders.payments.actions.authorise import authorise_payment, capture_payment, void_payment
from orders.payments.actions.record import Tender, record_payment


def _amount(said: QueryDict, name: str, order: Order) -> dict[str, str]:
    """A form's amount, in the order's currency."""
    return {"amount": said.get(name, "").strip() or "0", "currency": order.currency}


def _due(order: Order) -> str:
    return plain(max(Decimal(0), balance_of(order)))


class PaymentBody(Identified, msgspec.Struct, forbid_unknown_fields=True):
    """Money that was captured, or is authorised: what its provider calls it, and how much."""

    method: Annotated[
        str, msgspec.Meta(max_length=12), Ask(control="hidden", value=lambda _order: "manual")
    ]
    reference: Annotated[Reference, Ask(gettext_lazy("Reference"))]
    amount: Annotated[
        Amount,
        Ask(gettext_lazy("Amount"), unit=lambda order: order.currency, value=_due, read=_amount),
    ]


class CaptureBody(Identified, msgspec.Struct, forbid_unknown_fields=True):
    """What was taken of an authorisation; without an amount all that is left of it."""

    reference: Reference
    amount: Amount | None = None


class VoidBody(Identified, msgspec.Struct, forbid_unknown_fields=True):
    reference: Reference


def _number(amount: Amount) -> Decimal:
    found = amount.decimal()
    if found is None:
        raise Invalid(
            errors=[FieldError("/amount", "malformed", _("An amount is a decimal number."))]
        )
    return found


def _paid(_order: Order, body: PaymentBody, _by: Actor) -> Mapping[str, object]:
    amount = _number(body.amount)
    return {"tender": Tender(body.method, body.reference, amount, body.amount.currency)}


def _captured(_payment: Payment, body: CaptureBody, _by: Actor) -> Mapping[str, object]:
    amount = None if body.amount is None else _number(body.amount)
    return {"amount": amount, "reference": body.reference}


def _voided(_payment: Payment, body: VoidBody, _by: Actor) -> Mapping[str, object]:
    return {"reference": body.reference}


PAY: Verb[Order, PaymentBody] = Verb(
    "pay",
    record_payment,
    "orders.pay",
    "Record a payment",
    gettext_lazy("Record payment"),
    gettext_lazy("Payment recorded."),
    body=PaymentBody,
    arguments=_paid,
    state="pay",
    path="payments",
    is_key_required=True,
    place="head",
    sentences={"payment.captured": gettext_lazy("Paid %(amount)s %(currency)s")},
)
AUTHORISE: Verb[Order, PaymentBody] = Verb(
    "authorise",
    authorise_payment,
    "orders.pay",
    "Record that money is authorised",
    gettext_lazy("Record an authorisation"),
    gettext_lazy("Authorisation recorded."),
    body=PaymentBody,
    arguments=_paid,
    state="pay",
    path="authorisations",
    is_key_required=True,
    sentences={"payment.authorised": gettext_lazy("Authorised: %(amount)s %(currency)s")},
)


def find_payment(actor: Actor, number: str, payment: str) -> Payment:
    """A payment of an order that an actor may know of; raises NotFound."""
    order = find_order(actor, number)
    return find_one(Payment.objects.filter(pk=primary_key("pay", payment) or 0, order=order))


PAYMENT: Noun[Payment] = Noun(
    name="payment",
    path="orders/<str:number>/payments/<str:payment>",
    argument="payment_id",
    right="orders.view",
    find=find_payment,
    show=lambda pk, actor: read_order(
        Payment.objects.values_list("order", flat=True).get(pk=pk), actor
    ),
)
CAPTURE: Verb[Payment, CaptureBody] = Verb(
    "capture",
    capture_payment,
    "orders.pay",
    "Record that authorised money was captured",
    gettext_lazy("Capture"),
    gettext_lazy("Capture recorded."),
    body=CaptureBody,
    arguments=_captured,
    is_key_required=True,
    is_listed=False,
)
VOID: Verb[Payment, VoidBody] = Verb(
    "void",
    void_payment,
    "orders.pay",
    "Record that authorised money was given back",
    gettext_lazy("Void"),
    gettext_lazy("Void recorded."),
    body=VoidBody,
    arguments=_voided,
    is_key_required=True,
    is_listed=False,
    sentences={"payment.voided": gettext_lazy("Authorisation of %(amount)s %(currency)s voided")},
)

VERBS = (PAY, AUTHORISE)
PAYMENT_VERBS = (CAPTURE, VOID)
