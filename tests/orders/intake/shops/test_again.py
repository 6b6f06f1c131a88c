"""What a channel changes again after a person had looked is looked at again; what it only repeats is not."""

from decimal import Decimal

import pytest

from orders.models import ChannelOrder, Order, OrderEvent
from orders.order.actions.holds import release_order
from tests.conftest import NOON
from tests.orders.shops import WOO_ORDER, open_channel, paid, post, read_all
from tests.orders.steps import do
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shopify(shop, system):
    return open_channel("shopify", shop, system)


@pytest.fixture
def tell(shopify):
    """Tell of the order again, a minute later each time: the warehouse has begun, its lines are not followed."""
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


@pytest.mark.parametrize("first", ["order", "money"])
@pytest.mark.parametrize("stated", ["", "USD"])
def test_money_without_a_currency_of_an_order_in_two(tell, shopify, laws_hold, first, stated):
    """The buyer paid in yen: 22.00 without a word may be either."""
    back = {"id": 7, "kind": "refund", "status": "success", "amount": "22.00", "currency": stated}
    told = {"id": 5, "order_id": 450789469, "transactions": [back], "refund_line_items": []}
    if first == "order":
        tell(presentment_currency="JPY")
    post(shopify, "refunds/create", told)
    held = tell(presentment_currency="JPY")

    refunded = Order.objects.get().payments.get().refunded
    assert ("money_in_other_currency" in held, refunded) == (not stated, 22 if stated else 0)
    if not stated:
        assert "22.0000 USD/JPY" in str(ChannelOrder.objects.get().raised)
    laws_hold()


def test_what_came_back_after_it_was_over_is_raised_again(tell, system, laws_hold):
    tell()
    for _time in range(2):
        assert "amounts_differ" in tell(total_price="54.70")
        look(system)
        left = tell(total_price="54.60")
        assert "amounts_differ" not in left
        if left:
            look(system)


def test_an_address_that_came_back_is_raised_again(tell, system):
    tell()
    for _time in range(2):
        assert tell(shipping_address=to("1 X St", zip="X")) == ["postal_code_malformed"]
        look(system)
        assert tell(shipping_address=to("1 Main St")) == []


def test_nobody_is_asked_twice_while_nobody_has_looked(tell):
    tell()
    first = tell(line_items=lines(1, 1), total_price="54.70")

    assert tell(line_items=lines(1, 0), total_price="54.80") == first
    assert len(first) == len(set(first))


def test_a_completed_order_has_it_on_its_timeline(tell, laws_hold):
    """Nothing can be held of it any more; that its channel says something else now is told all the same."""
    tell()
    Order.objects.update(status="completed", ended_at=NOON)

    assert tell(line_items=lines(2, 0)) == []

    steps = OrderEvent.objects.filter(kind="hold.opened").values_list("data", flat=True)
    assert "items_changed" in [step["reason"] for step in steps]
    laws_hold()


def test_a_refund_that_was_known_when_it_was_placed_is_asked_once(system, shop):
    woo = open_channel("woocommerce", shop, system)
    gone = {"id": 9, "reason": "", "total": "-22.00"}
    post(woo, "order.created", WOO_ORDER | {"status": "refunded", "refunds": [gone]})
    read_all()
    relay_all()

    held = open_holds()
    assert held
    assert len(held) == len(set(held))


@pytest.mark.parametrize("status", ["voided", "expired", "authorized", "pending"])
def test_a_payment_that_its_shop_takes_back_is_looked_at(tell, laws_hold, status):
    tell()

    held = tell(financial_status=status, total_outstanding="54.60")

    assert "state_contradicts" in held
    hold = Order.objects.get().holds.get(reason="state_contradicts", released_at=None)
    assert hold.params == {"names": ["54.60 USD"]}, "an amount has its currency"
    laws_hold()


@pytest.mark.parametrize("first", ["whole", "less"])
def test_goods_that_came_off_without_their_money_are_said_in_any_order(shopify, laws_hold, first):
    less = paid(updated_at="2026-03-01T12:00:00-05:00", line_items=lines(2, 0))
    less["current_total_price"] = "32.60"
    bodies = [paid(), less] if first == "whole" else [less, paid()]
    for body in bodies:
        post(shopify, "orders/updated", body)
        read_all()
        relay_all()

    assert "overpaid" in open_holds()
    laws_hold()


@pytest.mark.parametrize("status", ["failure", "pending", "error"])
def test_a_refund_that_has_not_gone_leaves_what_came(shopify, status):
    row = {"line_item_id": 2, "quantity": 1, "subtotal": 20.0, "total_tax": 2.0}
    gone = {"kind": "refund", "status": status, "amount": "22.00", "currency": "USD", "id": 6}
    refund = {"id": 5, "transactions": [gone], "refund_line_items": [row]}
    post(shopify, "orders/create", paid(refunds=[refund]))
    read_all()
    relay_all()

    assert Order.objects.get().payments.get().captured == Decimal("54.60")
