"""Renders an order for the API, the same whether just placed or read back."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, TypeAlias, TypedDict

import msgspec
from django.conf import settings
from django.core import signing

from erp.access.models import Actor
from erp.api.values import AmountDocument, money, stamp, unit_price
from erp.ids import public_id
from erp.verbs import allowed_verbs
from orders.order.models.payment import Payment

# A row by column name: as read with values(), or as it was just written.
Row: TypeAlias = Mapping[str, Any]


class LineDocument(TypedDict):
    """A line of an order: what was asked for, what became of it, what it costs."""

    id: str
    sku: str
    name: str
    quantity_ordered: int
    quantity_cancelled: int
    quantity_reserved: int
    quantity_backordered: int
    quantity_shipped: int
    quantity_delivered: int
    quantity_returned: int
    quantity_refunded: int
    unit_price: AmountDocument
    subtotal: AmountDocument
    discount: AmountDocument
    tax: AmountDocument
    total: AmountDocument


class HoldDocument(TypedDict):
    """An open hold; one that was just placed has no id yet."""

    id: str | None
    kind: str
    reason: str
    until: str | None


class TotalsDocument(TypedDict):
    """What an order comes to."""

    subtotal: AmountDocument
    discount: AmountDocument
    shipping: AmountDocument
    tax: AmountDocument
    total: AmountDocument


class PromiseDocument(TypedDict):
    """When an order leaves and when it comes."""

    ship_by: str | None
    deliver_from: str | None
    deliver_by: str | None


class BookDocument(TypedDict):
    """The company's currency, and what a unit of the order's is worth in it."""

    currency: str
    rate: str | None


class OrderDocument(TypedDict):
    """An order as the API shows it."""

    object: str
    id: str
    number: str
    external_id: str | None
    channel: str
    version: int
    status: str
    payment_status: str
    fulfillment_status: str
    return_status: str
    currency: str
    holds: list[HoldDocument]
    lines: list[LineDocument]
    totals: TotalsDocument
    promise: PromiseDocument
    shipping_service: str
    payment_method: str
    type: str
    book: BookDocument
    balance_due_at: str | None
    ship_not_before: str | None
    flag: str
    tags: list[str]
    remark: str
    print_remark: str
    note: str
    metadata: dict[str, object]
    tracking_url: str
    allowed_actions: list[str]
    placed_at: str
    created_at: str
    updated_at: str


class PaymentEventDocument(TypedDict):
    """What happened to a payment."""

    kind: str
    reference: str
    amount: AmountDocument
    at: str | None


class PaymentDocument(TypedDict):
    """A tender as the API shows it."""

    object: str
    id: str
    method: str
    reference: str
    authorised: AmountDocument
    captured: AmountDocument
    voided: AmountDocument
    refunded: AmountDocument
    created_at: str | None
    events: list[PaymentEventDocument]


def tracking_url(number: str) -> str:
    """The public page of an order, with a signature instead of a password."""
    return f"{settings.PUBLIC_BASE_URL}/track/?t={tracking_signer().sign(number)}"


@cache
def tracking_signer() -> signing.Signer:
    """Signs and checks the order numbers in tracking links."""
    return signing.Signer(salt="tracking")


def choice_url(number: str) -> str:
    """The public page where a customer chooses what becomes of short goods."""
    return f"{settings.PUBLIC_BASE_URL}/choose/?t={choice_signer().sign(number)}"


@cache
def choice_signer() -> signing.Signer:
    """Signs and checks the order numbers in links to a choice; one to follow an order is not enough."""
    return signing.Signer(salt="choice")


class OrderFacts(NamedTuple):
    """What decides, beside its status, which verbs an order accepts."""

    fulfillment_status: str
    open_holds: int
    has_shipped: bool
    is_short: bool

    @property
    def is_untouched(self) -> bool:
        """Whether no warehouse has begun with it."""
        return self.fulfillment_status == "unfulfilled"


def facts_of(order: Row, lines: Sequence[LineDocument]) -> OrderFacts:
    """What its row and its lines tell of an order."""
    return OrderFacts(
        order["fulfillment_status"],
        order["open_holds"],
        any(line["quantity_shipped"] for line in lines),
        any(line["quantity_backordered"] for line in lines),
    )


def allowed_actions(order: Row, lines: Sequence[LineDocument], actor: Actor) -> list[str]:
    """The verbs that would be accepted from this actor now."""
    facts = facts_of(order, lines)
    return [verb.name for verb in allowed_verbs("order", order["status"], facts, actor)]


def order_document(
    order: Row,
    lines: Iterable[Row],
    holds: Sequence[Row],
    *,
    actor: Actor,
    channel_code: str,
) -> OrderDocument:
    """The document of an order.

    order, lines, holds   rows as mappings by column name, as read or as just written
    """
    currency = order["currency"]
    shown = [_line(line, currency) for line in lines]
    return {
        "object": "order",
        "id": public_id("ord", order["id"]),
        "number": order["number"],
        "external_id": order["external_id"],
        "channel": channel_code,
        "version": order.get("version", 1),
        "status": order["status"],
        "payment_status": order["payment_status"],
        "fulfillment_status": order["fulfillment_status"],
        "return_status": order.get("return_status", "none"),
        "currency": currency,
        "holds": [_hold(hold) for hold in holds],
        "lines": shown,
        "totals": _totals(order, currency),
        "promise": _promise(order),
        "shipping_service": order["shipping_service"],
        "payment_method": order["payment_method"],
        "type": order.get("type", "web"),
        "book": _book(order),
        "balance_due_at": stamp(order.get("balance_due_at")),
        "ship_not_before": _date(order.get("ship_not_before")),
        "flag": order.get("flag", ""),
        "tags": order.get("tags", []),
        "remark": order.get("remark", ""),
        "print_remark": order.get("print_remark", ""),
        "note": order["note"],
        "metadata": order["metadata"],
        "tracking_url": tracking_url(order["number"]),
        "allowed_actions": allowed_actions(order, shown, actor),
        "placed_at": stamp(order["placed_at"]),
        "created_at": stamp(order["placed_at"]),
        "updated_at": stamp(order["updated_at"]),
    }


def _hold(hold: Row) -> HoldDocument:
    return {
        "id": public_id("hold", hold["id"]) if "id" in hold else None,
        "kind": hold["kind"],
        "reason": hold["reason"],
        "until": stamp(hold.get("until")),
    }


def _totals(order: Row, currency: str) -> TotalsDocument:
    return {
        "subtotal": money(order["subtotal"], currency),
        "discount": money(order["discount"], currency),
        "shipping": money(order["shipping"], currency),
        "tax": money(order["tax"], currency),
        "total": money(order["total"], currency),
    }


def _promise(order: Row) -> PromiseDocument:
    return {
        "ship_by": stamp(order["ship_by"]),
        "deliver_from": _date(order["deliver_from"]),
        "deliver_by": _date(order["deliver_by"]),
    }


def _book(order: Row) -> BookDocument:
    return {
        "currency": order.get("book_currency", ""),
        "rate": _rate(order.get("book_rate")),
    }


def _date(day: object) -> str | None:
    return None if day is None else str(day)


def _rate(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate.normalize():f}"


def _line(line: Row, currency: str) -> LineDocument:
    return {
        "id": public_id("line", line["id"]),
        "sku": line["sku_code"],
        "name": line["name"],
        "quantity_ordered": line.get("quantity_ordered") or 0,
        "quantity_cancelled": line.get("quantity_cancelled") or 0,
        "quantity_reserved": line.get("quantity_reserved") or 0,
        "quantity_backordered": line.get("quantity_backordered") or 0,
        "quantity_shipped": line.get("quantity_shipped") or 0,
        "quantity_delivered": line.get("quantity_delivered") or 0,
        "quantity_returned": line.get("quantity_returned") or 0,
        "quantity_refunded": line.get("quantity_refunded") or 0,
        "unit_price": unit_price(line["unit_price"], currency),
        "subtotal": money(line["subtotal"], currency),
        "discount": money(line["discount"], currency),
        "tax": money(line["tax"], currency),
        "total": money(line["total"], currency),
    }


def encoded(document: object) -> bytes:
    """A document as the bytes of an answer."""
    return msgspec.json.encode(document)


def etag(version: int, body: bytes) -> str:
    """A strong ETag: the version that If-Match compares, then a checksum of the bytes."""
    return f'"{version}.{zlib.crc32(body):08x}"'


def payment_document(payment: Payment) -> PaymentDocument:
    """One tender: its sums, and every event of it."""
    currency = payment.currency
    return {
        "object": "payment",
        "id": public_id("pay", payment.pk),
        "method": payment.method,
        "reference": payment.reference,
        "authorised": money(payment.authorised, currency),
        "captured": money(payment.captured, currency),
        "voided": money(payment.voided, currency),
        "refunded": money(payment.refunded, currency),
        "created_at": stamp(payment.created_at),
        "events": [
            {
                "kind": event.kind,
                "reference": event.reference,
                "amount": money(event.amount, currency),
                "at": stamp(event.at),
            }
            for event in payment.events.all()
        ],
    }
