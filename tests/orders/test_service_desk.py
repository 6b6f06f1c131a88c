"""What customer service does all day, as a person of that role and with no other right: every verb of the order page."""

import pytest
from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import actor_of_user
from erp.once import perform
from orders import actions
from orders.models import ChannelPolicy, Order, OrderChange, OrderMove
from tests.conftest import order_body
from tests.journeys.test_by_api import run_relay
from tests.orders.test_combining import WHO

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clerk(shop, sign_in):
    sign_in("service")
    return actor_of_user(Actor.objects.get(role="service").user_id)


def placed(api, **changes):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    return Order.objects.get(number=api.post("orders", order_body(**changes)).json()["number"])


def do(action, by, **given):
    done = perform(action, by=by, now=timezone.now(), **given)
    run_relay()
    return done


def test_cancelling_gives_the_stock_back(api, clerk, laws_hold):
    order = placed(api)
    do(actions.cancel_order, clerk, order_id=order.pk, reason="called")
    order.refresh_from_db()
    assert order.status == "cancelled"
    laws_hold()


def test_changing_and_undoing(api, clerk, laws_hold):
    order = placed(api)
    tea, mug = order.lines.order_by("position")
    for wanted in (
        actions.Wanted({tea.pk: 3}),
        actions.Wanted({mug.pk: 0}),
        actions.Wanted({}, added=[("POT-001", 1)]),
    ):
        do(actions.change_order, clerk, order_id=order.pk, wanted=wanted, reason="asked")
    do(actions.undo_change, clerk, order_id=order.pk)
    assert OrderChange.objects.count() == 4
    laws_hold()


def test_merging_splitting_and_back(api, clerk, laws_hold):
    one, two = placed(api, customer=WHO), placed(api, customer=WHO)
    do(actions.merge_orders, clerk, order_id=one.pk, other_ids=[two.pk])
    do(actions.unmerge_order, clerk, order_id=two.pk)
    part = do(
        actions.split_order, clerk, order_id=one.pk, units={one.lines.first().pk: 1}, reason="x"
    )
    do(actions.unsplit_order, clerk, order_id=part.pk)
    assert OrderMove.objects.exclude(undone_at=None).count() == 2
    laws_hold()


def test_routing_holding_and_releasing(api, clerk, laws_hold):
    order = placed(api)
    do(actions.reroute_order, clerk, order_id=order.pk, warehouse="south", reason_text="nearer")
    do(actions.hold_order, clerk, order_id=order.pk, kind="review", reason="look")
    do(actions.release_order, clerk, order_id=order.pk)
    order.refresh_from_db()
    assert order.status == "confirmed"
    laws_hold()


def test_asking_the_customer(make_client, shop, clerk, laws_hold):
    order = placed(make_client(shop.desk), lines=[{"sku": "POT-001", "quantity": 7}])
    do(actions.offer_choice, clerk, order_id=order.pk)
    order.refresh_from_db()
    assert order.open_holds == 1
    laws_hold()
