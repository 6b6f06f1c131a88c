"""What a channel changes again after a person had looked is looked at again; what it only repeats is not."""

import pytest

from orders.models import ChannelOrder, Order
from orders.order.actions.holds import release_order
from tests.orders.shops import open_channel, paid, post, read_all
from tests.orders.steps import do
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shopify(shop, system):
    return open_channel("shopify", shop, system)


@pytest.fixture
def tell(shopify):
    """Tell of the order again, a minute later each time: the warehouse has begun with it, its lines are not followed."""
    minutes = iter(range(1, 60))

    def send(**changes):
        at = f"2026-03-01T12:{next(minutes):02}:00-05:00"
        Order.objects.update(fulfillment_status="in_progress")
        post(shopify, "orders/updated", paid(updated_at=at, **changes))
        read_all()
        relay_all()
        return open_holds()

    return send


def open_holds():
    return sorted(
        Order.objects.get().holds.filter(released_at=None).values_list("reason", flat=True)
    )


def look(system):
    do(release_order, system, order_id=Order.objects.get().pk)


def lines(tea=2, mug=1):
    body = paid()["line_items"]
    body[0]["current_quantity"], body[1]["current_quantity"] = tea, mug
    return body


def to(street, **more):
    return paid()["shipping_address"] | {"address1": street} | more


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (({"line_items": lines(1, 1)}, {"line_items": lines(1, 0)}), "items_changed"),
        (
            (
                {"shipping_address": to("1 X St", zip="X")},
                {"shipping_address": to("2 X St", zip="Y")},
            ),
            "postal_code_malformed",
        ),
        (({"currency": "EUR"}, {"currency": "CHF"}), "currency_changed"),
        (({"total_price": "54.70"}, {"total_price": "54.80"}), "amounts_differ"),
    ],
)
def test_a_second_change_is_raised_again(tell, system, changes, code, laws_hold):
    tell()
    first, second = changes

    assert code in tell(**first)
    look(system)
    assert tell(**first) == [], "it was looked at"
    assert tell(**first | {"note": "please ring"}) == [], "nothing of it is new"

    assert code in tell(**second)
    laws_hold()


def test_what_was_raised_before_it_was_kept_about_what_is_raised_once_more(tell, system):
    tell()
    tell(line_items=lines(1, 1))
    look(system)
    ChannelOrder.objects.update(raised={"items_changed": {}})

    assert "items_changed" in tell(line_items=lines(1, 0))


def test_a_cancel_in_another_currency_is_a_cancel(tell, laws_hold):
    tell()

    tell(currency="EUR", cancelled_at="2026-03-01T12:30:00-05:00", cancel_reason="customer")

    assert Order.objects.get().status == "cancelled"
    laws_hold()


def test_money_of_a_statement_in_another_currency_keeps_it(tell, system):
    """Its refund is not taken for one of the order's currency."""
    tell()
    gone = {"id": 7, "kind": "refund", "status": "success", "amount": "22.00"}
    told = {"id": 5, "transactions": [gone], "refund_line_items": []}

    held = tell(currency="EUR", refunds=[told])

    assert {"currency_changed", "money_in_other_currency"} <= set(held)
    assert ChannelOrder.objects.get().refunds["5"]["currency"] == "EUR"
    assert Order.objects.get().payments.get().refunded == 0
