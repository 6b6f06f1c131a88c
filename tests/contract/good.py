"""A body for each operation that means something, where what the schema alone suggests would be refused."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

from tests.conftest import order_body
from tests.contract.world import CNY, World

Body = dict[str, Any]
TEA = {"sku": "TEA-001", "quantity": 1}
STOCKED = TEA | {"bin": "MAIN", "lot": "", "expires_on": None, "serials": [], "unit_cost": "1.00"}
TENDER = {"method": "bank", "reference": "door", "amount": CNY}


def _arrived(_world: World) -> Body:
    line = {"sku": "TEA-001", "good": 1, "damaged": 1, "quarantine": 1, "bin": "MAIN"}
    line |= {"lot": "", "expires_on": None, "serials": []}
    return {"lines": [line], "reference": "DN-1", "accept_over": False}


def _changed(world: World) -> Body:
    return {"lines": [{"line": world.line(), "quantity": 1}], "added": [TEA], "reason": "door"}


def _inspected(world: World) -> Body:
    world.named("returns", "inspect")
    line = {"line": world.made["returns line"], "quantity": 1, "condition": "good"}
    return {"lines": [line | {"disposition": "restock"}], "warehouse": "east"}


def _received(world: World) -> Body:
    world.named("returns", "receive")
    return {"lines": [{"line": world.made["returns line"], "quantity": 1}], "warehouse": "east"}


def _term(_world: World) -> Body:
    return {"sku": "TEA-001", "unit_price": "1.00", "min_quantity": 1, "moq": 1, "pack_size": 1}


def _picked(world: World) -> Body:
    return {"lines": [{"line": world.named("work lines", ""), "quantity": 1}]}


def _supplier(_world: World) -> Body:
    body = {"code": "door", "name": "Door", "email": "door@example.com", "phone": "1", "note": ""}
    del body["note"]
    return body | {"currency": "CNY", "lead_time_days": 1, "min_order_value": "1.00"}


GOOD: Mapping[str, Callable[[World], Body]] = {
    "orders": lambda _w: order_body(note="Ring twice", coupon_codes=[]),
    "drafts/{draft}/place": lambda _w: order_body(),
    "orders/bulk": lambda _w: {"orders": [order_body()]},
    "quotes": lambda _w: {
        key: value
        for key, value in order_body().items()
        if key in {"currency", "shipping_address", "lines", "shipping_service", "customer"}
    },
    "orders/{number}/payments": lambda _w: TENDER,
    "orders/{number}/authorisations": lambda _w: TENDER,
    "orders/{number}/payment-intents": lambda _w: {"amount": CNY},
    "orders/{number}/hold": lambda _w: {
        "kind": "review",
        "reason": "door",
        "until": "2027-01-01T00:00:00Z",
    },
    "orders/{number}/marks": lambda _w: {"flag": "red", "remark": "x", "tags": ["x"], "custom": {}},
    "orders/{number}/edit": lambda _w: {"note": "Ring twice", "name": "Door"},
    "orders/{number}/cancel": lambda w: {
        "reason": "door",
        "note": "x",
        "lines": [{"line": w.line(), "quantity": 1}],
    },
    "orders/{number}/changes": _changed,
    "orders/{number}/changes/preview": _changed,
    "orders/{number}/split": lambda w: {
        "lines": [{"line": w.line(), "quantity": 1}],
        "reason": "door",
    },
    "orders/{number}/merge": lambda w: {"orders": [w.twin], "reason": "door"},
    "orders/{number}/release": lambda w: {"hold": w.hold},
    "orders/{number}/payments/{payment}/capture": lambda _w: {"amount": CNY, "reference": "c1"},
    "customers/{customer}/change": lambda _w: {"note": "x", "min_shelf_life_days": 1},
    "customers/{customer}/merge": lambda w: {"other": w.other_customer},
    "webhook-endpoints/{endpoint}/replay": lambda _w: {
        "since": "2026-11-01T00:00:00Z",
        "until": "2026-12-24T12:00:00Z",
    },
    "purchase-orders/{number}/send": lambda _w: {},
    "orders/{number}/reroute": lambda _w: {"reason": "nearer", "warehouse": "south"},
    "orders/{number}/carrier": lambda _w: {"carrier": ""},
    "orders/{number}/risk-assessments": lambda _w: {
        "source": "own",
        "reference": "s1",
        "score": 12,
        "recommendation": "accept",
        "reasons": ["x"],
    },
    "allotments": lambda w: {"channel": w.channel, "kind": "fixed", "value": 1} | _level(w),
    "purchase-orders": lambda w: {
        "supplier": w.named("suppliers", ""),
        "warehouse": "east",
        "lines": [TEA | {"unit_price": "1.00"}],
        "note": "x",
        "expected_on": "2026-12-24",
    },
    "purchase-orders/{number}/land-cost": lambda _w: {"amount": "1.00", "basis": "value"},
    "purchase-orders/{number}/receive": _arrived,
    "refunds": lambda w: {"order": w.shipped["order"], "amount": CNY, "reason": "door"},
    "returns": lambda w: {"order": w.shipped["order"], "lines": [TEA], "note": "x"},
    "returns/{number}/inspect": _inspected,
    "returns/{number}/receive": _received,
    "shipments": lambda w: {
        "order": w.order["number"],
        "lines": [TEA],
        "tracking_number": "D-2",
        "carrier": "sf",
        "weight_g": 1,
    },
    "fulfillment-orders/{work}/pick": _picked,
    "fulfillment-orders/{work}/pack": _picked,
    "tracking/{number}": lambda _w: {
        "events": [
            {
                "state": "in_transit",
                "at": timezone.now().isoformat(),
                "id": "e1",
                "place": "x",
                "description": "x",
            }
        ]
    },
    "stock/adjustments": lambda _w: {
        "warehouse": "east",
        "lines": [STOCKED],
        "reason": "found",
        "kind": "adjustment",
    },
    "stock/receipts": lambda _w: {"warehouse": "east", "lines": [STOCKED], "reference": "x"},
    "stock/write-offs": lambda _w: {
        "warehouse": "east",
        "lines": [TEA | {"bin": "MAIN"}],
        "reason": "broken",
    },
    "stock/vendor-returns": lambda w: {
        "warehouse": "east",
        "supplier": w.named("suppliers", ""),
        "lines": [TEA | {"bin": "MAIN"}],
        "reason": "broken",
    },
    "stock/bins": lambda _w: {"warehouse": "east", "codes": ["B-01"], "zone": "", "use": "pick"},
    "stock/counts": lambda _w: {"warehouse": "east", "skus": ["TEA-001"], "bins": []},
    "stock/counts/{number}/count": lambda _w: {
        "lines": [{"bin": "MAIN", "sku": "TEA-001", "counted": 1, "lot": ""}]
    },
    "stock/moves": lambda _w: {
        "warehouse": "east",
        "lines": [TEA | {"from": "MAIN", "to": "DAMAGED", "lot": "", "serials": []}],
        "reason": "x",
    },
    "stock/policies": lambda w: {"safety": 1, "reorder_point": 1, "order_up_to": 2} | _level(w),
    "stock/splits": lambda w: {"parts": 2} | _level(w),
    "stock/transfers": lambda _w: {
        "from_warehouse": "east",
        "to_warehouse": "south",
        "lines": [TEA],
        "note": "x",
        "expected_on": "2026-12-24",
    },
    "stock/transfers/{number}/receive": lambda _w: {"lines": [TEA], "bin": "MAIN", "close": False},
    "stock/feeds": lambda w: {
        "channel": w.channel,
        "url": "https://93.184.216.34/f",
        "pause_s": 60,
    },
    "stock/listings": lambda w: {"channel": w.channel, "skus": ["TEA-001"]},
    "suppliers": _supplier,
    "suppliers/{code}/terms": _term,
    "webhook-endpoints": lambda _w: {
        "url": "https://93.184.216.34/hook",
        "types": ["order.placed"],
    },
}


def _level(_world: World) -> Body:
    return {"sku": "TEA-001", "warehouse": "east"}


def good_body(path: str, otherwise: Any, world: World) -> Any:
    """The body of an operation that should be accepted."""
    make = GOOD.get(path.removeprefix("/api/v1/"))
    return make(world) if make else otherwise


# What the world does not have the state, the setting or the right for.
NOT_NOW = {
    "post /api/v1/orders/{number}/verify-customer": 403,
    "post /api/v1/customers/{customer}/erase": 403,
    "post /api/v1/customers/{customer}/exemptions": 403,
    "post /api/v1/customers/{customer}/exemptions/{exemption}/end": 403,
    "post /api/v1/customers/{customer}/export": 403,
    "post /api/v1/customers/{customer}/identities/{identity}/unverify": 403,
    "post /api/v1/customers/{customer}/identities/{identity}/verify": 403,
    "post /api/v1/customers/{customer}/terms/{proposal}/approve": 403,
    "post /api/v1/customers/{customer}/terms/{proposal}/reject": 403,
    "post /api/v1/customers/{customer}/merges/{merge}/undo": 404,
    "post /api/v1/customers/{customer}/unblock": 409,
    "post /api/v1/fulfillment-orders/{work}/pack": 409,
    "post /api/v1/orders/{number}/allocate-first": 409,
    "post /api/v1/orders/{number}/changes/undo": 409,
    "post /api/v1/orders/{number}/choice": 409,
    "post /api/v1/orders/{number}/invoice": 409,
    "post /api/v1/orders/{number}/lines/{line}/map": 409,
    "post /api/v1/orders/{number}/payment-intents": 409,
    "post /api/v1/orders/{number}/purchase-orders": 409,
    "post /api/v1/orders/{number}/unmerge": 409,
    "post /api/v1/orders/{number}/unsplit": 409,
    "post /api/v1/purchase-suggestions/order": 422,
    "post /api/v1/refunds/{number}/complete": 409,
    "post /api/v1/returns/{number}/close": 409,
    "post /api/v1/shipments/{shipment}/ship": 409,
    "post /api/v1/stock/counts/{number}/approve": 409,
    "post /api/v1/stock/counts/{number}/recount": 409,
    "post /api/v1/stock/counts/{number}/submit": 422,
    "post /api/v1/stock/documents/{document}/approve": 409,
    "post /api/v1/stock/documents/{document}/reject": 409,
}
