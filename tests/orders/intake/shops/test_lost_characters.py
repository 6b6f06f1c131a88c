"""Characters that were lost: a text shows where; an identifier with one is named and refused, never shortened."""

import copy
import json

import pytest

from orders.intake.messages.foreign_json import IDENTIFYING, Unreadable, text
from orders.intake.messages.wording import cause_text
from orders.intake.shops import shopify, woocommerce
from tests.orders.shops import WOO_ORDER, paid

LOST = ("\x00", "\ud800", "\udfff")
REFUND = {
    "id": 5,
    "order_id": 450789469,
    "refund_line_items": [
        {"line_item_id": 2, "quantity": 1, "subtotal": "20.00", "total_tax": "2.00"}
    ],
    "transactions": [
        {"id": 9, "order_id": 450789469, "kind": "refund", "status": "success", "amount": "22.00"}
    ],
}
MESSAGES = {
    "shopify order": (shopify, "orders/create", paid(note="Ring twice")),
    "shopify refund": (shopify, "refunds/create", REFUND),
    "shopify transaction": (shopify, "order_transactions/create", REFUND["transactions"][0]),
    "woocommerce order": (woocommerce, "order.created", WOO_ORDER | {"transaction_id": "tr-1"}),
}
# Of each message the names under which it is known that something must be refused.
NAMED = {
    "shopify order": {"id", "sku", "variant_id", "admin_graphql_api_id"},
    "shopify refund": {"id", "order_id", "line_item_id"},
    "shopify transaction": {"id", "order_id"},
    "woocommerce order": {"id", "sku", "number"},
}


@pytest.mark.parametrize("lost", LOST)
def test_a_text_shows_that_something_was_lost(lost):
    assert text(f"Gr{lost}n") == "Gr\ufffdn"
    assert text(f"ok\n{chr(0x1F375)}") == f"ok\n{chr(0x1F375)}"


def leaves(node, path=()):
    """Every plain value of a message, by where it stands."""
    rows = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in rows:
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, name))
        elif isinstance(value, str | int) and not isinstance(value, bool):
            yield (*path, name), str(value)


def read(message, path, value):
    """What a reader says of a message in which one value is another text; the code of what it refuses it for."""
    reader, topic, body = MESSAGES[message]
    body = copy.deepcopy(body)
    node = body
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    try:
        return reader.read(topic, json.dumps(body).encode(), currency="USD")
    except Unreadable as error:
        return error


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("message", sorted(MESSAGES))
def test_no_identifier_is_another_without_the_character_that_it_lost(message, lost):
    refused = set()
    for path, value in leaves(MESSAGES[message][2]):
        name = next(x for x in reversed(path) if isinstance(x, str))
        plain = read(message, path, value)
        found = read(message, path, f"{value[:1]}{lost}{value[1:]}")
        if isinstance(found, Unreadable):
            if found.code == "id_damaged":
                refused.add(name)
                assert found.params["field"] == name
                assert "\ufffd" in cause_text(found.code, found.params)
        elif IDENTIFYING.search(name):
            assert found == plain, path  # nobody reads it
    assert refused >= NAMED[message], NAMED[message] - refused
