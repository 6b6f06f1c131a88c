"""Serves refunds over the API."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.api.endpoint import Endpoint
from erp.api.resource import by_choice, by_value, creation_of, document_of, list_of
from erp.errors import FieldError, Invalid
from orders.customers.contacts import Amount
from orders.order.queries import find_order
from returns.refunds.actions.propose import propose_refund
from returns.refunds.queries import find_refund, read_refund, refund_document, refunds_visible_to
from returns.refunds.states import RefundStatus
from returns.rma.api import order_lines_of
from returns.rma.queries import find_return

MOST_UNITS = 1_000_000


class RefundUnits(msgspec.Struct, forbid_unknown_fields=True):
    quantity: int
    line: str = ""
    sku: str = ""


class NewRefund(msgspec.Struct, forbid_unknown_fields=True):
    """For an order's lines, for what a return brought back, or an amount by itself."""

    order: str = ""
    return_: str = msgspec.field(default="", name="return")
    lines: list[RefundUnits] | None = None
    amount: Amount | None = None
    reason: str = "return"
    note: str = ""


def _proposed(body: NewRefund, by: Actor) -> Mapping[str, object]:
    authorization = find_return(by, body.return_) if body.return_ else None
    order = authorization.order if authorization is not None else None
    order = order or find_order(by, body.order)
    order_id = order.pk
    units = None
    if body.lines is not None:
        units = _summed(order_lines_of(order_id, body.lines), body.lines)
    return {
        "order_id": order_id,
        "return_id": authorization.pk if authorization else None,
        "units": units,
        "amount": _decimal(body.amount, order.currency),
        "reason": body.reason,
        "note": body.note,
    }


def _summed(pks: Sequence[int], lines: Sequence[RefundUnits]) -> dict[int, int]:
    """The units of each order line: one that is named twice is asked for all that it is named for."""
    units: dict[int, int] = {}
    for index, (pk, line) in enumerate(zip(pks, lines, strict=True)):
        if not 1 <= line.quantity <= MOST_UNITS:
            said = _("Between 1 and 1,000,000 units.")
            raise Invalid(errors=[FieldError(f"/lines/{index}/quantity", "out-of-range", said)])
        units[pk] = units.get(pk, 0) + line.quantity
    return units


def _decimal(said: Amount | None, currency: str) -> Decimal | None:
    if said is not None and said.currency != currency:
        text = _("The order is in %(currency)s.") % {"currency": currency}
        raise Invalid(errors=[FieldError("/amount/currency", "wrong-currency", text)])
    amount = said.decimal() if said is not None else None
    if said is not None and amount is None:
        raise Invalid(errors=[FieldError("/amount/amount", "malformed", _("A decimal number."))])
    return amount


class Refunds(Endpoint):
    rights = {"get": "refunds.view", "post": "refunds.propose"}
    get = list_of(
        "List refunds",
        lambda actor: (
            refunds_visible_to(actor)
            .select_related("order", "authorization")
            .prefetch_related("lines")
        ),
        # One who may not approve is told of it by each that waits for a second person.
        lambda row, by: refund_document(row, by if row.needs_second_person else None),
        filters=(
            by_value("order", "order__number", "number"),
            by_choice("status", RefundStatus.values),
        ),
    )
    post = creation_of(
        "Propose a refund",
        propose_refund,
        body=NewRefund,
        arguments=_proposed,
        show=lambda row, by: read_refund(row.pk, by),
        is_key_required=True,
    )


class OneRefund(Endpoint):
    rights = {"get": "refunds.view"}
    get = document_of("Read a refund", find_refund, lambda row, by: read_refund(row.pk, by))
