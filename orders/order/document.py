"""An order as the API shows it: the same document whether just placed or read back."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from django.conf import settings
from django.core import signing

from erp.access.models import Actor
from erp.api.values import money, stamp, unit_price
from erp.ids import public_id
from orders.order.states import ORDER

COUNTERS = tuple(
    f"quantity_{name}"
    for name in (
        "ordered",
        "cancelled",
        "reserved",
        "backordered",
        "shipped",
        "delivered",
        "returned",
        "refunded",
    )
)


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


def allowed_actions(order: Mapping[str, Any], shipped: bool, actor: Actor) -> list[str]:
    """The verbs that would be accepted from this actor now."""
    verbs = [
        verb
        for verb in ORDER.verbs_from(order["status"])
        if verb in {"hold", "release", "pay", "cancel"} and f"orders.{verb}" in actor.verbs
    ]
    if shipped and "cancel" in verbs:
        verbs.remove("cancel")
    if not order["open_holds"] and "release" in verbs:
        verbs.remove("release")
    return verbs


def order_document(
    order: Mapping[str, Any],
    lines: Iterable[Mapping[str, Any]],
    holds: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    channel_code: str,
) -> dict[str, Any]:
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
        "holds": [
            {
                "id": public_id("hold", hold["id"]) if "id" in hold else None,
                "kind": hold["kind"],
                "reason": hold["reason"],
                "until": stamp(hold.get("until")),
            }
            for hold in holds
        ],
        "lines": shown,
        "totals": {
            name: money(order[name], currency)
            for name in ("subtotal", "discount", "shipping", "tax", "total")
        },
        "promise": {
            "ship_by": stamp(order["ship_by"]),
            "deliver_from": _date(order["deliver_from"]),
            "deliver_by": _date(order["deliver_by"]),
        },
        "shipping_service": order["shipping_service"],
        "payment_method": order["payment_method"],
        "type": order.get("type", "web"),
        "book": {
            "currency": order.get("book_currency", ""),
            "rate": _rate(order.get("book_rate")),
        },
        "balance_due_at": stamp(order.get("balance_due_at")),
        "ship_not_before": _date(order.get("ship_not_before")),
        "flag": order.get("flag", ""),
        "tags": order.get("tags", []),
        "remark": order.get("remark", ""),
        "print_remark": order.get("print_remark", ""),
        "note": order["note"],
        "metadata": order["metadata"],
        "tracking_url": tracking_url(order["number"]),
        "allowed_actions": allowed_actions(
            order, any(line["quantity_shipped"] for line in shown), actor
        ),
        "placed_at": stamp(order["placed_at"]),
        "created_at": stamp(order["placed_at"]),
        "updated_at": stamp(order["updated_at"]),
    }


def _date(day: Any) -> str | None:
    return None if day is None else str(day)


def _rate(rate: Decimal | None) -> str | None:
    return None if rate is None else f"{rate.normalize():f}"


def _line(line: Mapping[str, Any], currency: str) -> dict[str, Any]:
    counters = {name: line.get(name) or 0 for name in COUNTERS}
    return {
        "id": public_id("line", line["id"]),
        "sku": line["sku_code"],
        "name": line["name"],
        **counters,
        "unit_price": unit_price(line["unit_price"], currency),
        "subtotal": money(line["subtotal"], currency),
        "discount": money(line["discount"], currency),
        "tax": money(line["tax"], currency),
        "total": money(line["total"], currency),
    }


def encoded(document: Any) -> bytes:
    """A document as the bytes of an answer."""
    return msgspec.json.encode(document)


def etag(version: int, body: bytes) -> str:
    """A strong ETag: the version that If-Match compares, then a checksum of the bytes."""
    return f'"{version}.{zlib.crc32(body):08x}"'


def payment_document(payment: Any) -> dict[str, Any]:
    """One tender: its sums, and every event of it."""
    currency = payment.currency
    return {
        "object": "payment",
        "id": public_id("pay", payment.pk),
        "method": payment.method,
        "reference": payment.reference,
        **{
            name: money(getattr(payment, name), currency)
            for name in ("authorised", "captured", "voided", "refunded")
        },
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
