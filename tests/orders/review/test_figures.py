"""What the home page says of reviewing: orders that no hand touched, holds by kind, how long they take to clear."""

from datetime import timedelta

import pytest
from django.utils import timezone

from erp.access.queries import actor_of_user
from erp.lists import row_counts
from erp.once import perform
from orders.changes.actions.edit import edit_order
from orders.models import Hold, Order
from orders.order.actions.holds import hold_order, release_order
from orders.review.queries import review_figures
from tests.conftest import order_body


@pytest.mark.django_db(transaction=True)
def test_what_a_person_did_is_told_from_what_went_by_itself(api, sign_in, system):
    row_counts._minute.clear()
    client = sign_in("owner")
    person = actor_of_user(client.actor.user_id)
    ids = [
        Order.objects.get(number=api.post("orders", order_body()).json()["number"]).pk
        for _ in range(6)
    ]
    now = timezone.now()
    by_person, by_itself, still_held, edited, waits, _alone = ids
    perform(hold_order, order_id=by_person, kind="review", reason="look", by=system, now=now)
    perform(release_order, order_id=by_person, by=person, now=now)
    perform(hold_order, order_id=by_itself, kind="stock", reason="short", by=system, now=now)
    perform(release_order, order_id=by_itself, by=system, now=now)
    perform(
        hold_order,
        order_id=still_held,
        kind="address",
        reason="odd",
        by=system,
        now=now,
    )
    perform(
        edit_order,
        order_id=edited,
        was={"note": ""},
        wanted={"note": "x"},
        by=person,
        now=now,
    )
    perform(
        hold_order,
        order_id=waits,
        kind="wait",
        reason="cooling_off",
        by=system,
        now=now,
        until=now + timedelta(hours=1),
    )
    Hold.objects.filter(order=by_person).update(opened_at=now - timedelta(hours=3))

    told = review_figures(timezone.now())

    assert (told.now.orders, told.now.touched, told.before.orders) == (6, 3, 0)
    assert told.now.touchless == 0.5
    assert told.before.touchless is None
    kinds = {k.kind: k for k in told.kinds}
    assert {k: (v.open, v.cleared) for k, v in kinds.items()} == {
        "address": (1, 0),
        "review": (0, 1),
        "stock": (0, 1),
        "wait": (1, 0),
    }
    assert kinds["review"].p50 == pytest.approx(3 * 3600, abs=5)
    page = client.get("/orders/review/figures/").content.decode()
    assert "50.0 %" in page
    assert "/orders/review/?kind=address" in page
    assert 'hx-get="/orders/review/figures/"' in client.get("/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_without_orders_there_is_no_rate(shop, sign_in):
    row_counts._minute.clear()
    assert "–" in sign_in().get("/orders/review/figures/").content.decode()
