"""The law "stated is kept": what a channel states of an order is ours, or a hold names the difference."""

from decimal import Decimal

import pytest

from erp.audit.proof import prove
from orders.intake.following.laws import LAWS
from orders.models import ChannelOrder, Order, OrderLine, Payment
from orders.order.actions.holds import hold_for_finding, release_order
from orders.payments.actions.record import Tender, record_payment
from tests.orders.shops import open_channel, paid, post, read_all
from tests.orders.steps import do
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
    "refunded": lambda: ChannelOrder.objects.update(passed_on={}, raised={}),
    "money in another currency": lambda: ChannelOrder.objects.update(
        captures={"7": {"amount": "5", "currency": "JPY"}}
    ),
}


def test_money_that_states_no_currency_is_in_the_orders_own_unless_it_has_two(order):
    ChannelOrder.objects.update(captures={"7": {"amount": "5", "currency": ""}})
    assert breaches() == []
    ChannelOrder.objects.update(said=_said(buyer_currency="JPY"))
    assert breaches() == ["money in another currency"]
    ChannelOrder.objects.update(raised={"money_in_other_currency": {"names": ["5 USD/JPY"]}})
    assert breaches() == []


def _said(**changes):
    return ChannelOrder.objects.get().said | changes


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_breach_is_named_unless_a_hold_names_it(order, what, system):
    order.holds.all().delete()
    PLANTED[what]()
    assert what in breaches()

    if what not in EVIDENCE:  # nothing excuses it
        return
    code, about = EVIDENCE[what]
    ChannelOrder.objects.update(raised={code: about | OTHER})
    assert what in breaches(), "it was raised about something else"
    ChannelOrder.objects.update(raised={code: about})
    assert breaches() == []

    ChannelOrder.objects.update(raised={})
    do(hold_for_finding, system, order_id=order.pk, finding=code)
    assert breaches() == []
    do(release_order, system, order_id=order.pk)
    assert what in breaches(), "a hold that was released long ago names nothing"


def test_money_that_a_clerk_recorded_under_the_orders_number_is_not_the_channels(shop, system):
    """A bank transfer names the number that its customer knows; the shop says "paid" later, or never."""
    channel = open_channel("shopify", shop, system)
    post(channel, "orders/create", paid(financial_status="pending", total_outstanding="54.60"))
    read_all()
    order, told = Order.objects.get(), ChannelOrder.objects.get()
    tender = Tender("bank", told.external_id, order.total, "USD")
    do(record_payment, system, order_id=order.pk, tender=tender)
    assert breaches() == []


def test_money_that_was_taken_twice_by_a_channels_word_is_a_breach(order):
    ChannelOrder.objects.update(paid=0, captures={})
    assert "captured twice" in breaches()


# What a finding that names a difference is about, and the same about something else.
EVIDENCE = {
    "currency": ("currency_changed", {"names": ["EUR"]}),
    "total": ("amounts_differ", {"total": "54.61"}),
    "tax": ("tax_differs", {"tax": "4.61"}),
    "units": ("items_changed", {"units": 3}),
    "refunded": ("refunded_on_channel", {"refunded": "22.00"}),
    "money in another currency": ("money_in_other_currency", {"names": ["5 JPY"]}),
}
OTHER = {"total": "1", "tax": "1", "units": 1, "refunded": "1", "names": ["1 CHF"]}
