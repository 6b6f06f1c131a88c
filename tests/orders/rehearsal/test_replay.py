"""What was decided is decided the same once more, from what was kept of it; what was not kept whole is listed."""

import io

import pytest
from django.core.management import call_command

from erp.once import perform
from orders.models import ChannelPolicy, Decision, Order
from orders.rehearsal.replay import replay
from orders.review.actions.rules import write_rule
from tests.conftest import NOON, order_body, owner_cursor
from tests.orders.shops import open_channel, paid, post, read_all

pytestmark = pytest.mark.django_db(transaction=True)


def spoil(kind, change):
    with owner_cursor() as cursor:
        cursor.execute("ALTER TABLE orders_decision DISABLE TRIGGER append_only")
        cursor.execute(f"UPDATE orders_decision SET {change} WHERE kind = %s", [kind])
        cursor.execute("ALTER TABLE orders_decision ENABLE TRIGGER append_only")


def test_orders_of_every_kind_are_decided_the_same(api, shop, system, promote):
    promote("ten", "percentage", percent=10, coupon={})
    promote("mug", "gift", gifts=[(shop.mug, 1)], min_amount=100)
    perform(
        write_rule,
        code="big",
        name="Big",
        condition={"field": "total", "op": "gt", "value": "100"},
        hold="review",
        by=system,
        now=NOON,
    )
    ChannelPolicy.objects.update(accepts_backorders=True, review="hold", cooling_off_minutes=5)
    body = order_body(
        lines=[{"sku": "POT-001", "quantity": 9}, {"sku": "TEA-001", "quantity": 12}],
        coupon_codes=["TEN"],
    )
    assert api.post("orders", body).status_code == 201
    wrong = order_body(ship_not_before="2027-03-02")
    wrong["shipping_address"]["postal_code"] = "1"
    assert api.post("orders", wrong).status_code == 201
    shopify = open_channel("shopify", shop, system)
    post(shopify, "orders/create", paid())
    post(
        shopify,
        "orders/cancelled",
        paid(
            id=9, admin_graphql_api_id="gid://shopify/Order/9", cancelled_at="2026-03-02T00:00:00Z"
        ),
    )
    read_all()
    assert Order.objects.count() == 4

    found = replay()

    assert (found.differing, dict(found.others)) == ([], {})
    assert dict(found.agreed) == dict.fromkeys(
        ("pricing/3", "routing/3", "promise/3", "review/2"), 4
    )


@pytest.mark.parametrize("kind", ["pricing", "routing", "promise", "review"])
def test_an_answer_that_differs_is_found(api, kind):
    api.post("orders", order_body())
    spoil(
        kind,
        "outcome = jsonb_set(outcome, ARRAY[(SELECT jsonb_object_keys(outcome) ORDER BY 1 LIMIT 1)], '\"other\"')",
    )

    assert replay().differing == list(
        Decision.objects.filter(kind=kind).values_list("pk", flat=True)
    )
    said = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("replay_decisions", stdout=io.StringIO(), stderr=said)
    assert said.getvalue().startswith("1 differ")


def test_those_of_engines_that_are_no_more_are_listed(api):
    api.post("orders", order_body())
    spoil("pricing", "engine = 'pricing/1'")

    said = io.StringIO()
    call_command("replay_decisions", stdout=said)

    assert "pricing/1: 1 not replayed" in said.getvalue()
    assert "review/2: 1 agree" in said.getvalue()
