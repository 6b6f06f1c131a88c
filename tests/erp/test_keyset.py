"""A cursor is the caller's word: what no page could end with is refused, and of the rest every page goes on."""

import base64
import json

import pytest

from erp.errors import Malformed
from erp.keyset import decode_cursor, encode_cursor
from inventory.models import Sku
from orders.models import Order

ORDERS, NEWEST = Order.objects.all(), ("-placed_at", "-id")


def cursor(said) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "said",
    [
        ["x"],
        ["2026-01-01T00:00:00+00:00", 1],
        ["-placed_at,-id", "x", 1],
        ["-placed_at,-id", 1, 1],
        ["-placed_at,-id", "2026-01-01T00:00:00", 1],
        ["-placed_at,-id", "9999-12-31T23:59:59-14:00", 1],
        ["-placed_at,-id", "2026-01-01T00:00:00+00:00", 10**30],
        ["-placed_at,-id", "2026-01-01T00:00:00+00:00", "x"],
        ["-placed_at,-id", "2026-01-01T00:00:00+00:00", None],
        ["-placed_at,-id", "2026-01-01T00:00:00+00:00", 1.5],
        ["placed_at,id", "2026-01-01T00:00:00+00:00", 1],  # of another order of the same list
        ["-id", 1],
        {"-placed_at,-id": 1},
        None,
        "x",
    ],
)
def test_what_no_page_ends_with_is_refused(said):
    with pytest.raises(Malformed):
        decode_cursor(cursor(said), NEWEST, ORDERS)


@pytest.mark.parametrize("text", ["", "x", "!!!", "AAAA", "%00", "é", "W" * 5000])
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(Malformed):
        decode_cursor(text, NEWEST, ORDERS)


def test_a_text_with_nul_is_refused():
    with pytest.raises(Malformed):
        decode_cursor(cursor(["code", "\x00"]), ("code",), Sku.objects.all())


def test_where_a_page_ends_the_next_begins():
    row = {"code": "TEA-001", "id": 7}
    said = encode_cursor(("code", "-id"), row)

    assert decode_cursor(said, ("code", "-id"), Sku.objects.all()) == ["TEA-001", 7]


def test_null_is_where_a_page_ends_of_a_field_that_may_be_null():
    order = ("-ship_by", "id")
    said = encode_cursor(order, {"ship_by": None, "id": 7})

    assert decode_cursor(said, order, ORDERS) == [None, 7]
    with pytest.raises(Malformed):
        decode_cursor(cursor(["-ship_by,id", "2026-01-01T00:00:00+00:00", None]), order, ORDERS)
