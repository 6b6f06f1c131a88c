"""The law "stated is kept": what a channel states of an order is ours, or a hold names the difference."""

from decimal import Decimal

import pytest

from erp.audit.proof import prove
from orders.intake.following.laws import LAWS
from orders.models import ChannelOrder, Order, OrderLine, Payment
from tests.orders.shops import open_channel, paid, post, read_all
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)


def breaches() -> list[str]:
    (found,) = [each for each in prove() if each.law is LAWS[0]]
    return sorted(str(row["what"]) for row in found.rows)


@pytest.fixture
def order(shop, system):
    channel = open_channel("shopify", shop, system)
    post(channel, "orders/create", paid())
    refund = {"kind": "refund", "status": "success", "amount": "22.00", "currency": "USD"}
    post(channel, "refunds/create", {"id": 5, "order_id": 450789469, "transactions": [refund]})
    read_all()
    relay_all()
    assert breaches() == []
    return Order.objects.get()


PLANTED = {
    "currency": lambda: ChannelOrder.objects.update(said=_said(currency="EUR")),
    "total": lambda: ChannelOrder.objects.update(said=_said(total="54.61")),
    "tax": lambda: ChannelOrder.objects.update(said=_said(stated_tax="4.61")),
    "units": lambda: OrderLine.objects.filter(position=0).update(quantity_ordered=3),
    "captured": lambda: Payment.objects.update(captured=Decimal("54.59")),
    "refunded": lambda: ChannelOrder.objects.update(passed_on=[], flagged=[]),
    "money in another currency": lambda: ChannelOrder.objects.update(
        captures={"7": {"amount": "5", "currency": "JPY"}}
    ),
}


def _said(**changes):
    return ChannelOrder.objects.get().said | changes


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_breach_is_named_unless_a_hold_names_it(order, what):
    order.holds.all().delete()
    PLANTED[what]()
    assert what in breaches()

    codes = {
        "currency": "currency_changed",
        "total": "amounts_differ",
        "tax": "tax_differs",
        "units": "items_changed",
        "captured": "currency_changed",
        "refunded": "refunded_on_channel",
        "money in another currency": "money_in_other_currency",
    }
    ChannelOrder.objects.update(flagged=[codes[what]])
    assert breaches() == []
