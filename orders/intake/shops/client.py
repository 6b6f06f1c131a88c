"""Fetches orders from Shopify and WooCommerce: changed since, or placed within an hour."""

import base64
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode, urlsplit

import msgspec

from erp.bounds import NO_JSON
from erp.events.webhook_client import asked_to_wait, checked, fetch
from erp.rates import wait_turn
from orders.intake.messages.foreign_json import moment, number, text

MOST_BYTES = 30 * 1024 * 1024


MOST_PAGES = 1000


VERSION = "2025-01"  # of Shopify's API


# Calls within a window: Shopify's bucket holds 40 and leaks 2 a second; WooCommerce names no limit.
WINDOW_S, SHOPIFY_MOST, WOO_MOST = 20, 40, 200


NEXT = re.compile(r'<([^>]+)>;\s*rel="?next"?')


class ShopUnavailable(Exception):
    """A shop did not answer as it should; `retry_after_s` where it said when to come again."""

    def __init__(self, why: str, retry_after_s: int = 0) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(why)


@dataclass(frozen=True)
class Shop:
    """What is needed to ask a shop."""

    kind: str
    url: str
    key: str
    secret: str


@dataclass(frozen=True)
class Found:
    """One order as the shop has it now."""

    external_id: str
    placed_at: datetime | None
    changed_at: datetime | None
    total: Decimal | None  # None: it states none that can be read
    body: bytes
    topic: str


def wait_for_turn(url: str) -> None:
    """Keep to the pace that a shop allows, over all workers. Raises ShopUnavailable where that takes too long."""
    host = urlsplit(url).netloc
    most = SHOPIFY_MOST if "/admin/api/" in url else WOO_MOST
    if not wait_turn(f"shop:{host}", most, WINDOW_S):
        raise ShopUnavailable("others are asking it already", WINDOW_S)


def changed_since(shop: Shop, since: datetime) -> Iterator[Found]:
    """Every order that changed since a moment, the oldest change first. Raises ShopUnavailable."""
    at = _stamp(since)
    if shop.kind == "shopify":
        yield from _shopify(shop, {"updated_at_min": at, "order": "updated_at asc"})
    else:
        yield from _woo(shop, {"modified_after": at, "orderby": "modified", "order": "asc"})


def placed_between(shop: Shop, begin: datetime, end: datetime) -> Iterator[Found]:
    """Every order placed from `begin` on and before `end`. Raises ShopUnavailable."""
    if shop.kind == "shopify":
        found = _shopify(
            shop,
            {
                "created_at_min": _stamp(begin),
                "created_at_max": _stamp(end),
                "order": "created_at asc",
            },
        )
    else:
        found = _woo(
            shop,
            {"after": _stamp(begin), "before": _stamp(end), "orderby": "date", "order": "asc"},
        )
    for each in found:
        if each.placed_at is None or begin <= each.placed_at < end:
            yield each


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shopify(shop: Shop, query: dict[str, str]) -> Iterator[Found]:
    asked = urlencode({"status": "any", "limit": "250", **query})
    url: str | None = f"{shop.url.rstrip('/')}/admin/api/{VERSION}/orders.json?{asked}"
    headers = {"X-Shopify-Access-Token": shop.secret, "Accept": "application/json"}
    for _page in range(MOST_PAGES):
        if url is None:
            return
        answered, body = _get(url, headers)
        for row in _rows(body, "orders"):
            gid = text(row.get("admin_graphql_api_id")).rpartition("/")[2]
            yield _found(
                row,
                gid if gid.isdecimal() else text(row.get("id"), 40),
                "created_at",
                "updated_at",
                "total_price",
                "orders/updated",
            )
        after = NEXT.search(answered.get("link", ""))
        url = after[1] if after else None
        if url is not None and not url.startswith(shop.url.rstrip("/") + "/"):
            raise ShopUnavailable("its next page is at another address")


def _woo(shop: Shop, query: dict[str, str]) -> Iterator[Found]:
    token = base64.b64encode(f"{shop.key}:{shop.secret}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Accept": "application/json"}
    for page in range(1, MOST_PAGES + 1):
        asked = urlencode(
            {
                "per_page": "100",
                "page": str(page),
                "dates_are_gmt": "true",
                "status": "any",
                **query,
            }
        )
        _answered, body = _get(f"{shop.url.rstrip('/')}/wp-json/wc/v3/orders?{asked}", headers)
        rows = _rows(body, "")
        for row in rows:
            yield _found(
                row,
                text(row.get("id"), 40),
                "date_created_gmt",
                "date_modified_gmt",
                "total",
                "order.updated",
            )
        if len(rows) < 100:
            return


def _get(url: str, headers: dict[str, str]) -> tuple[dict[str, str], bytes]:
    wait_for_turn(url)
    try:
        status, answered, body = fetch(checked(url), headers, MOST_BYTES)
    except Exception as error:
        raise ShopUnavailable(f"{type(error).__name__}: {error}"[:280]) from error
    if status != 200:
        wait = math.ceil(asked_to_wait(answered).total_seconds())
        raise ShopUnavailable(f"it answered {status}", wait)
    return answered, body


def _rows(body: bytes, name: str) -> list[dict[str, object]]:
    try:
        value = msgspec.json.decode(body)
    except NO_JSON as error:
        raise ShopUnavailable("its answer is no JSON") from error
    rows = value.get(name) if name and isinstance(value, dict) else value
    if not isinstance(rows, list):
        raise ShopUnavailable("its answer holds no list of orders")
    return [row for row in rows if isinstance(row, dict)]


def _found(
    row: dict[str, object], external_id: str, placed: str, changed: str, total: str, topic: str
) -> Found:
    return Found(
        external_id,
        moment(row.get(placed), utc=True),
        moment(row.get(changed), utc=True),
        number(text(row.get(total), 40)),
        msgspec.json.encode(row),
        topic,
    )
