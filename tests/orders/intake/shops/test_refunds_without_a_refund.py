"""Money that goes back by a transaction alone is a refund, and the same as its refund where that is told as well."""

from decimal import Decimal
from itertools import permutations

import pytest

from orders.models import ChannelOrder, Order, Payment
from returns.models import Refund
from tests.orders.shops import open_channel, paid, post, read_all
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)

ORDER = 450789469


def transaction(n=9, **changes):
    row = {"id": n, "order_id": ORDER, "kind": "refund", "status": "success"}
    return row | {"amount": "54.60", "currency": "USD"} | changes


def told(system, shop, news):
    channel = open_channel("shopify", shop, system)
    for topic, body in news:
        post(channel, topic, body)
        read_all()
        relay_all()


def given_back():
    order = Order.objects.get()
    refunded = sum(payment.refunded for payment in Payment.objects.filter(order=order))
    stated = sum(Decimal(kept["amount"]) for kept in ChannelOrder.objects.get().refunds.values())
    assert sum(refund.amount for refund in Refund.objects.filter(order=order)) == refunded
    return refunded, stated


def refund_of(*transactions, key=5):
    return {"id": key, "order_id": ORDER, "transactions": list(transactions)}


WHOLE = ("orders/create", paid())
ALONE = ("order_transactions/create", transaction())
REFUND = ("refunds/create", refund_of(transaction()))
AGAIN = ("orders/updated", paid(refunds=[refund_of(transaction())], financial_status="refunded"))
HALVES = [transaction(n, amount="27.30") for n in (7, 8)]


def test_a_transaction_alone_gives_money_back_and_holds(system, shop, laws_hold):
    told(system, shop, [WHOLE, ALONE])

    assert given_back() == (Decimal("54.60"), Decimal("54.60"))
    assert Order.objects.get().holds.filter(reason="refunded_on_channel", released_at=None).exists()
    laws_hold()


@pytest.mark.parametrize("news", list(permutations([WHOLE, ALONE, REFUND])))
def test_with_its_refund_it_is_the_same_money_in_any_order(system, shop, laws_hold, news):
    told(system, shop, [*news, ALONE, REFUND])

    assert given_back() == (Decimal("54.60"), Decimal("54.60"))
    laws_hold()


@pytest.mark.parametrize(
    "news",
    [
        [WHOLE, ALONE, AGAIN],
        [AGAIN, ALONE],
        [
            WHOLE,
            ("order_transactions/create", HALVES[0]),
            ("refunds/create", refund_of(*HALVES)),
            ("order_transactions/create", HALVES[1]),
        ],
        [WHOLE, *(("order_transactions/create", half) for half in HALVES)],
    ],
)
def test_however_it_is_told_it_counts_once(system, shop, laws_hold, news):
    told(system, shop, news)

    assert given_back() == (Decimal("54.60"), Decimal("54.60"))
    laws_hold()


PART = [transaction(7, amount="10.00"), transaction(8, amount="5.00")]
PENDING = [PART[0], PART[1] | {"status": "pending"}]


@pytest.mark.parametrize("is_late", [False, True])
def test_an_older_word_of_a_refund_takes_nothing_from_it(system, shop, laws_hold, is_late):
    """Its first transaction was told alone: an older refund of that was taken for all that it gave back beyond it."""
    channel = open_channel("shopify", shop, system)
    for topic, body, relays in (
        *((topic, body, True) for topic, body in (WHOLE, ("order_transactions/create", PART[0]))),
        ("refunds/create", refund_of(*PART), not is_late),
        ("refunds/create", refund_of(*PENDING), True),
        ("refunds/create", refund_of(*PART), True),
    ):
        post(channel, topic, body)
        read_all()
        if relays:
            relay_all()

    assert given_back() == (Decimal(15), Decimal(15))
    laws_hold()
