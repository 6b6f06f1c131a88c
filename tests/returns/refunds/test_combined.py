"""Refunds stay with their order, and so does the money that they give back, whatever is merged or split."""

from decimal import Decimal

import pytest

from orders.changes.actions.cancel import cancel_units
from orders.changes.actions.merge import CannotCombine, merge_orders, unmerge_order
from orders.changes.actions.split import split_order
from orders.changes.actions.unsplit import unsplit_order
from returns.models import Refund
from returns.refunds.actions.propose import propose_refund
from returns.refunds.actions.settle import approve_refund, complete_refund
from returns.refunds.queries import purse_of
from tests.orders.steps import do, heard_of
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)
FOUR = [{"sku": "TEA-001", "quantity": 4}]


@pytest.fixture
def two(api):
    customer = {"name": "Li", "email": "li@tea.example", "phone": ""}
    return [heard_of(api, customer=customer, lines=FOUR) for _time in range(2)]


def refund(system, order, *, completed):
    made = do(propose_refund, system, order_id=order.pk, amount=Decimal(10), reason="goodwill")
    for verb in (approve_refund, complete_refund) if completed else ():
        do(verb, system, refund_id=made.pk)


@pytest.mark.parametrize("completed", [False, True])
@pytest.mark.parametrize("of", [0, 1])
def test_an_order_whose_money_goes_back_is_not_merged(two, system, laws_hold, of, completed):
    refund(system, two[of], completed=completed)
    with pytest.raises(CannotCombine, match=two[of].number):
        do(merge_orders, system, order_id=two[0].pk, other_ids=[two[1].pk])
    laws_hold()


@pytest.mark.parametrize("completed", [False, True])
def test_a_merge_is_not_undone_once_money_went_back(two, system, laws_hold, completed):
    do(merge_orders, system, order_id=two[0].pk, other_ids=[two[1].pk])
    refund(system, two[0], completed=completed)
    with pytest.raises(CannotCombine):
        do(unmerge_order, system, order_id=two[1].pk)
    laws_hold()


def test_an_order_is_not_split_whose_money_went_back_for_goods_that_stay(two, system, laws_hold):
    order = two[0]
    refund(system, order, completed=False)
    units = {order.lines.get().pk: 2}
    for step in (None, approve_refund, complete_refund):
        if step is not None:
            do(step, system, refund_id=Refund.objects.get().pk)
        with pytest.raises(CannotCombine, match=order.number):
            do(split_order, system, order_id=order.pk, units=units, reason="x")
        laws_hold()


def test_an_order_whose_goods_were_taken_off_and_paid_is_split(two, system, laws_hold):
    order = two[0]
    line = order.lines.get()
    do(cancel_units, system, order_id=order.pk, units={line.pk: 1}, reason="x")
    run_relay()
    for step in (approve_refund, complete_refund):
        do(step, system, refund_id=Refund.objects.get().pk)
    other = do(split_order, system, order_id=order.pk, units={line.pk: 2}, reason="x")
    order.refresh_from_db()
    for each in (order, other):
        purse = purse_of(each)
        assert purse.captured - purse.refunded == each.total
        assert not purse.owed
    laws_hold()

    refund(system, other, completed=False)
    with pytest.raises(CannotCombine):
        do(unsplit_order, system, order_id=other.pk)
    laws_hold()
