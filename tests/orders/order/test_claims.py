"""Orders taken to work on: nobody else changes them, two people at the queue get different ones."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import actor_of_user
from erp.errors import Invalid
from erp.once import perform
from erp.states import IllegalTransition
from orders.changes.actions.change import change_order
from orders.changes.actions.edit import edit_order
from orders.changes.actions.effect import Wanted
from orders.changes.actions.merge import seal_order
from orders.models import ChannelPolicy, Order, OrderClaim, OrderEvent
from orders.order.actions.claims import claim_next, claim_order, release_claim
from orders.order.actions.holds import hold_order, release_order
from orders.order.actions.life import cancel_order
from orders.order.actions.timeline import Claimed
from orders.order.states import HoldKind
from orders.routing.actions.reroute import reroute_order
from tests.conftest import order_body
from tests.orders.steps import hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(sign_in):
    """Two colleagues of customer service, and the owner."""
    from erp.access.models import User

    sign_in("service")
    sign_in("owner")
    other = User.objects.create(username="second")
    Actor.objects.create(kind="person", name="Second", role="service", user=other)
    first = actor_of_user(Actor.objects.exclude(name="Second").get(role="service").user_id)
    return (
        first,
        actor_of_user(other.pk),
        actor_of_user(Actor.objects.get(role="owner").user_id),
    )


def placed(api, held=None, **changes):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    order = Order.objects.get(number=api.post("orders", order_body(**changes)).json()["number"])
    if held:
        hold(order, held_by(), held)
    return order


def held_by():
    from erp.access.queries import job_actor

    return job_actor("scheduler")


def do(action, by, **given):
    return perform(action, by=by, now=timezone.now(), **given)


def edit(order, by):
    return do(edit_order, by, order_id=order.pk, was={"note": ""}, wanted={"note": "x"})


def test_what_somebody_has_nobody_else_changes(api, people):
    first, second, owner = people
    order = placed(api)
    do(claim_order, first, order_id=order.pk)
    for verb, given in (
        (edit_order, {"was": {"note": ""}, "wanted": {"note": "x"}}),
        (reroute_order, {"reason": "y"}),
        (seal_order, {"is_sealed": True}),
        (claim_order, {}),
        (release_claim, {}),
    ):
        with pytest.raises(Claimed):
            do(verb, second, order_id=order.pk, **given)
    edit(order, first)
    do(hold_order, second, order_id=order.pk, kind="review", reason="stop")  # the safe way is open
    with pytest.raises(Claimed):
        do(release_order, second, order_id=order.pk)
    do(claim_order, owner, order_id=order.pk)
    assert OrderClaim.objects.get().by_id == owner.pk
    do(release_claim, owner, order_id=order.pk)
    do(release_order, second, order_id=order.pk)
    kinds = list(OrderEvent.objects.filter(order=order).values_list("kind", flat=True))
    assert (kinds.count("claimed"), kinds.count("given_back")) == (2, 1)


def test_cancelling_is_always_possible(api, people):
    first, second, _owner = people
    order = placed(api)
    do(claim_order, first, order_id=order.pk)
    do(cancel_order, second, order_id=order.pk, reason="the customer called")
    order.refresh_from_db()
    assert order.status == "cancelled"
    with pytest.raises(IllegalTransition):
        do(claim_order, second, order_id=order.pk)


def test_it_ends_by_itself(api, people):
    first, second, _owner = people
    order = placed(api)
    do(claim_order, first, order_id=order.pk)
    past = timezone.now() - timedelta(hours=1)
    OrderClaim.objects.update(at=past, until=past + timedelta(minutes=30))
    edit(order, second)
    do(claim_order, second, order_id=order.pk)


def test_programs_are_not_stopped(api, people):
    order = placed(api)
    do(claim_order, people[0], order_id=order.pk)
    assert (
        api.post(f"orders/{order.number}/hold", {"kind": "review", "reason": "x"}).status_code
        == 200
    )
    assert api.post(f"orders/{order.number}/release", {}).status_code == 200


def test_the_longest_waiting_first_and_finance_to_finance(api, people):
    first, second, owner = people
    orders = [placed(api, held=kind) for kind in ("review", "finance", "address", "wait")]
    assert do(claim_next, first, count=1) == [orders[0].pk]
    assert do(claim_next, second, count=5) == [orders[2].pk]
    assert do(claim_next, owner, count=5) == [orders[1].pk]
    assert do(claim_next, owner, count=5) == []
    with pytest.raises(Invalid):
        do(claim_next, owner, count=51)


def test_two_at_once_get_different_ones(api, people):
    orders = {placed(api, held="review").pk for _ in range(12)}
    got, ready = [], threading.Barrier(4)

    def grab(by):
        ready.wait()
        got.append(do(claim_next, by, count=3))
        connection.close()

    threads = [threading.Thread(target=grab, args=(people[n % 2],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [pk for ids in got for pk in ids]
    assert len(taken) == len(set(taken))
    assert set(taken) <= orders
    assert len(taken) >= 9  # whoever passes over what others are just taking may get fewer


def test_the_queue_page_shows_and_takes(api, sign_in):
    client = sign_in("service")
    numbers = [placed(api, held="review").number for _ in range(3)]
    assert client.post("/orders/review/take/", {"count": "5"}).status_code == 302
    assert OrderClaim.objects.count() == 3
    me = OrderClaim.objects.first().by
    page = client.get(f"/orders/review/?taken={me.pk}").content.decode()
    assert all(number in page for number in numbers)
    assert me.name in page
    assert numbers[0] not in client.get("/orders/review/?taken=nobody").content.decode()
    shown = client.get(f"/orders/{numbers[0]}/").content.decode()
    assert "Release claim" in shown
    assert client.post(f"/orders/{numbers[0]}/give_back/").status_code == 302
    assert OrderClaim.objects.count() == 2


def test_every_kind_of_hold_can_be_taken_by_the_owner(api, people):
    for kind in sorted(HoldKind.values):
        placed(api, held=kind)
    assert len(do(claim_next, people[2], count=50)) == len(HoldKind.values) - 1


def test_a_shop_changes_its_orders_as_long_as_its_channel_says(api, shop, system):
    order = placed(api)
    line = order.lines.first()
    ChannelPolicy.objects.update(edit_minutes=10)
    change = {
        "lines": [
            {"line": api.get(f"orders/{order.number}").json()["lines"][0]["id"], "quantity": 1}
        ],
        "reason": "x",
    }
    tag = api.get(f"orders/{order.number}")["ETag"]
    answer = api.post(f"orders/{order.number}/changes", change, **{"If-Match": tag})
    assert answer.status_code == 200, answer.content
    Order.objects.update(placed_at=timezone.now() - timedelta(minutes=11))
    change["lines"][0]["quantity"] = 2
    tag = api.get(f"orders/{order.number}")["ETag"]
    late = api.post(f"orders/{order.number}/changes", change, **{"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (409, "too-late-to-change")
    do(
        change_order,
        system,
        order_id=order.pk,
        wanted=Wanted({line.pk: 2}),
        reason="ours",
    )
