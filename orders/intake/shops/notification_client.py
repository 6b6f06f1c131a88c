"""Notifies a shop that its order shipped, was cancelled or was marked."""

import base64
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import msgspec

from erp.bounds import NO_JSON
from erp.events.webhook_client import ask, asked_to_wait, checked
from orders.intake.messages.foreign_json import number
from orders.intake.shops.client import VERSION, Shop, ShopUnavailable, wait_for_turn
from orders.intake.shops.marks import WOO_FLAG, WOO_REMARK, attributes_with, tags_with

MOST_BYTES = 5 * 1024 * 1024


class Refused(Exception):
    """The shop understood, and will not: trying again changes nothing."""


class LineNotification(TypedDict):
    """Units of a line that have left; `key` is the shop's own id of the line."""

    key: str
    quantity: int


class ParcelNotification(TypedDict):
    """A parcel as its shop is told of it; `is_last` where nothing of the order is left to ship."""

    lines: list[LineNotification]
    tracking_number: str
    carrier: str
    url: str
    is_last: bool


def tell_shipped(shop: Shop, order_id: str, parcel: ParcelNotification) -> None:
    """Tell a shop that a parcel of its order has left. Told twice, the shop hears it once.

    parcel   {"lines": [{"key", "quantity"}], "tracking_number", "carrier", "url", "is_last"}: `key` is the
             shop's own id of the line, `is_last` whether nothing of the order is left to ship
    Raises ShopUnavailable (try again) or Refused.
    """
    if shop.kind == "shopify":
        _shopify_shipped(shop, order_id, parcel)
        return
    said: dict[str, object] = {
        "meta_data": [
            {"key": "_tracking_number", "value": parcel["tracking_number"]},
            {"key": "_tracking_provider", "value": parcel["carrier"]},
            {"key": "_tracking_url", "value": parcel["url"]},
        ]
    }
    if parcel["is_last"]:
        said["status"] = "completed"
    _woo(shop, order_id, said)


def tell_cancelled(shop: Shop, order_id: str, reason: str) -> None:
    """Tell a shop that its order is cancelled here. Raises ShopUnavailable or Refused."""
    if shop.kind == "woocommerce":
        _woo(shop, order_id, {"status": "cancelled"})
        return
    known = _shopify(shop, "GET", f"orders/{order_id}.json", None).get("order", {})
    if not known.get("cancelled_at"):
        said = {"reason": "other", "email": False}
        _shopify(shop, "POST", f"orders/{order_id}/cancel.json", said)


def tell_marked(shop: Shop, order_id: str, marks: Mapping[str, str]) -> None:
    """Tell a shop how staff marked its order: {"flag", "remark"}. Raises ShopUnavailable or Refused."""
    if shop.kind == "woocommerce":
        meta = {WOO_FLAG: marks["flag"], WOO_REMARK: marks["remark"]}
        said = {"meta_data": [{"key": key, "value": value} for key, value in meta.items()]}
        _woo(shop, order_id, said)
        return
    path = f"orders/{order_id}.json"
    known = _shopify(shop, "GET", path, None).get("order", {})
    wanted = {
        "id": int(order_id) if order_id.isdecimal() else order_id,
        "tags": tags_with(str(known.get("tags") or ""), marks["flag"]),
        "note_attributes": attributes_with(known.get("note_attributes") or (), marks["remark"]),
    }
    _shopify(shop, "PUT", path, {"order": wanted})


def _shopify_shipped(shop: Shop, order_id: str, parcel: ParcelNotification) -> None:
    answer = _shopify(shop, "GET", f"orders/{order_id}/fulfillment_orders.json", None)
    if not isinstance(answer.get("fulfillment_orders"), list):
        raise Refused("its answer holds no list of fulfillment orders")
    wanted = {str(line["key"]): int(line["quantity"]) for line in parcel["lines"]}
    asked = [
        {"fulfillment_order_id": work["id"], "fulfillment_order_line_items": lines}
        for work in answer.get("fulfillment_orders", ())
        if work.get("status") in {"open", "in_progress"}
        and (lines := _left(work.get("line_items", ()), wanted))
    ]
    if not asked:
        return  # it has heard that already, or has nothing left to ship
    said = {
        "fulfillment": {
            "line_items_by_fulfillment_order": asked,
            "notify_customer": False,
            "tracking_info": {
                "number": parcel["tracking_number"],
                "company": parcel["carrier"],
                "url": parcel["url"],
            },
        }
    }
    _shopify(shop, "POST", "fulfillments.json", said)


def _left(rows: Sequence[Mapping[str, Any]], wanted: dict[str, int]) -> list[dict[str, int]]:
    """The shop's lines that are wanted and not yet fulfilled there; `wanted` shrinks."""
    lines = []
    for row in rows:
        key = str(row.get("line_item_id", ""))
        units = min(_units(row.get("fulfillable_quantity")), wanted.get(key, 0))
        if units > 0:
            lines.append({"id": row["id"], "quantity": units})
            wanted[key] -= units
    return lines


def _units(value: object) -> int:
    """How many units a shop says are left of a line. Raises Refused: what it does not say is not nought."""
    found = number(value)
    if found is None or found != int(found) or found < 0:
        raise Refused("its answer does not say how many units are left to ship")
    return int(found)


def _shopify(shop: Shop, method: str, path: str, said: object) -> dict[str, Any]:
    url = f"{shop.url.rstrip('/')}/admin/api/{VERSION}/{path}"
    return _told(method, url, {"X-Shopify-Access-Token": shop.secret}, said)


def _woo(shop: Shop, order_id: str, said: object) -> None:
    token = base64.b64encode(f"{shop.key}:{shop.secret}".encode()).decode()
    url = f"{shop.url.rstrip('/')}/wp-json/wc/v3/orders/{order_id}"
    _told("PUT", url, {"Authorization": f"Basic {token}"}, said)


def _told(method: str, url: str, headers: dict[str, str], said: object) -> dict[str, Any]:
    headers = headers | {"Accept": "application/json", "Content-Type": "application/json"}
    body = None if said is None else msgspec.json.encode(said)
    wait_for_turn(url)
    try:
        status, answered, text = ask(method, checked(url), body, headers, MOST_BYTES)
    except Exception as error:
        raise ShopUnavailable(f"{type(error).__name__}: {error}"[:280]) from error
    why = text[:200].decode("utf-8", "replace").replace("\x00", "")
    if status == 429 or status >= 500 or status in {401, 403, 408, 409}:
        wait = math.ceil(asked_to_wait(answered).total_seconds())
        raise ShopUnavailable(f"it answered {status}: {why}", wait)
    if status >= 300:
        raise Refused(f"it answered {status}: {why}")
    try:
        value = msgspec.json.decode(text or b"{}")
    except NO_JSON as error:
        raise ShopUnavailable("its answer is no JSON") from error
    return value if isinstance(value, dict) else {}
