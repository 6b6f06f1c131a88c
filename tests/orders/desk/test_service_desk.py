"""What customer service does all day, by a person of that role and no other right: every verb of the order page."""

import pytest

from erp.access.models import Actor
from erp.access.queries import actor_of_user
from orders.changes.actions.change import change_order, undo_change
from orders.changes.actions.choice import offer_choice
from orders.changes.actions.effect import Wanted
from orders.changes.actions.merge import merge_orders, unmerge_order
from orders.changes.actions.split import split_order
from orders.changes.actions.unsplit import unsplit_order
from orders.models import ChannelPolicy, Order, OrderChange, OrderMove
from orders.order.actions.holds import hold_order, release_order
from orders.order.actions.life import cancel_order
from orders.routing.actions.reroute import reroute_order
from tests.conftest import order_body
from tests.orders.forms import WHO
from tests.orders.steps import do

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk(shop, sign_in):
    sign_in("service")
    return actor_of_user(Actor.objects.get(role="service").user_id)


def placed(api, **changes):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    return Order.objects.get(number=api.post("orders", order_body(**changes)).json()["number"])


def test_cancelling_gives_the_stock_back(api, clerk, laws_hold):
    order = placed(api)
    do(cancel_order, clerk, order_id=order.pk, reason="called")
    order.refresh_from_db()
    assert order.status == "cancelled"
    laws_hold()


def test_changing_and_undoing(api, clerk, laws_hold):
    order = placed(api)
    tea, mug = order.lines.order_by("position")
    for wanted in (
        Wanted({tea.pk: 3}),
        Wanted({mug.pk: 0}),
        Wanted({}, added=[("POT-001", 1)]),
    ):
        do(change_order, clerk, order_id=order.pk, wanted=wanted, reason="asked")
    do(undo_change, clerk, order_id=order.pk)
    assert OrderChange.objects.count() == 4
    laws_hold()


def test_merging_splitting_and_back(api, clerk, laws_hold):
    one, two = placed(api, customer=WHO), placed(api, customer=WHO)
    do(merge_orders, clerk, order_id=one.pk, other_ids=[two.pk])
    do(unmerge_order, clerk, order_id=two.pk)
    part = do(split_order, clerk, order_id=one.pk, units={one.lines.first().pk: 1}, reason="x")
    do(unsplit_order, clerk, order_id=part.pk)
    assert OrderMove.objects.exclude(undone_at=None).count() == 2
    laws_hold()


def test_routing_holding_and_releasing(api, clerk, laws_hold):
    order = placed(api)
    do(reroute_order, clerk, order_id=order.pk, warehouse="south", reason="nearer")
    do(hold_order, clerk, order_id=order.pk, kind="review", reason="look")
    do(release_order, clerk, order_id=order.pk)
    order.refresh_from_db()
    assert order.status == "confirmed"
    laws_hold()


def test_asking_the_customer(make_client, shop, clerk, laws_hold):
    order = placed(make_client(shop.desk), lines=[{"sku": "POT-001", "quantity": 7}])
    do(offer_choice, clerk, order_id=order.pk)
    order.refresh_from_db()
    assert order.open_holds == 1
    laws_hold()
