"""Renders an order for the API, the same whether just placed or read back."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, TypeAlias, TypedDict, cast

import msgspec
from django.db import models

from erp.access.models import Actor
from erp.api.values import AmountDocument, money, stamp, unit_price
from erp.ids import public_id
from erp.verbs import allowed_verbs
from orders.order.links import tracking_url
from orders.order.models.order import Order, OrderLine
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
    """An order as the API shows it. A key that is the name of a column shows that column."""

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


class OrderFacts(NamedTuple):
    """What decides, beside its status, which verbs an order accepts."""

    fulfillment_status: str
    open_holds: int
    has_shipped: bool
    is_short: bool
    customer_proof: str

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
        order["customer_proof"],
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
    document = {name: show(order[name], currency) for name, show in _plain_columns()}
    document |= {
        "object": "order",
        "id": public_id("ord", order["id"]),
        "channel": channel_code,
        "holds": [_hold(hold) for hold in holds],
        "lines": shown,
        "totals": {name: money(order[name], currency) for name in TOTALS},
        "promise": _promise(order),
        "book": {"currency": order["book_currency"], "rate": _rate(order["book_rate"])},
        "tracking_url": tracking_url(order["number"], order["links_withdrawn"]),
        "allowed_actions": allowed_actions(order, shown, actor),
        "created_at": stamp(order["placed_at"]),
    }
    return cast(OrderDocument, {name: document[name] for name in OrderDocument.__annotations__})


Show: TypeAlias = Callable[[Any, str], object]  # of a column's value, and the order's currency
SHOW_BY_KIND: dict[type, Show] = {
    models.DateTimeField: lambda moment, _currency: stamp(moment),
    models.DateField: lambda day, _currency: _date(day),
    models.DecimalField: money,
}
TOTALS = tuple(TotalsDocument.__annotations__)
# Columns that a document shows otherwise than under their own name.
READ_OF_ORDER = (
    "id",
    "channel_id",
    "channel__code",
    "customer_id",
    "customer_proof",
    "open_holds",
    "links_withdrawn",
    *TOTALS,
    *PromiseDocument.__annotations__,
    "book_currency",
    "book_rate",
)
READ_OF_LINE = ("id", "order_id", "sku_code", "unit_price")


@cache
def _plain_columns() -> tuple[tuple[str, Show], ...]:
    return _named_as_columns(OrderDocument, Order, READ_OF_ORDER)


@cache
def _plain_line_columns() -> tuple[tuple[str, Show], ...]:
    return _named_as_columns(LineDocument, OrderLine, READ_OF_LINE)


def _named_as_columns(
    document: type, model: type[models.Model], otherwise: Sequence[str]
) -> tuple[tuple[str, Show], ...]:
    """The keys of a document that are columns by their name: a column is shown by naming it there."""
    kinds = {column.attname: type(column) for column in model._meta.concrete_fields}
    return tuple(
        (name, SHOW_BY_KIND.get(kinds[name], _as_it_is))
        for name in document.__annotations__
        if name in kinds and name not in otherwise
    )


def order_columns() -> list[str]:
    """The columns that a document of an order is made of, as `values()` takes them."""
    return [*READ_OF_ORDER, *(name for name, _show in _plain_columns())]


def line_columns() -> list[str]:
    """The columns that a document of a line is made of, as `values()` takes them."""
    return [*READ_OF_LINE, *(name for name, _show in _plain_line_columns())]


def _as_it_is(value: object, _currency: str) -> object:
    return value


def _hold(hold: Row) -> HoldDocument:
    return {
        "id": public_id("hold", hold["id"]) if "id" in hold else None,
        "kind": hold["kind"],
        "reason": hold["reason"],
        "until": stamp(hold.get("until")),
    }


def _promise(order: Row) -> PromiseDocument:
    return {
        "ship_by": stamp(order["ship_by"]),
        "deliver_from": _date(order["deliver_from"]),
        "deliver_by": _date(order["deliver_by"]),
    }


def _date(day: object) -> str | None:
    return None if day is None else str(day)


def _rate(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate.normalize():f}"


def _line(line: Row, currency: str) -> LineDocument:
    document = {name: show(line[name], currency) for name, show in _plain_line_columns()}
    document |= {
        "id": public_id("line", line["id"]),
        "sku": line["sku_code"],
        "unit_price": unit_price(line["unit_price"], currency),
    }
    return cast(LineDocument, {name: document[name] for name in LineDocument.__annotations__})


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
