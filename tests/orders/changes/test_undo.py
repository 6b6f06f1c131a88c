"""Bulk actions taken back: row by row, once, and nothing that somebody has changed since."""

from datetime import timedelta

import pytest
from django.utils import timezone

from erp.jobs.models import Job, JobItem
from erp.jobs.runner import work
from erp.once import perform
from orders.models import ChannelPolicy, Hold, Order
from orders.order.actions.holds import hold_order, release_order
from tests.conftest import order_body
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(api):
    ChannelPolicy.objects.update(duplicate_minutes=0)
    numbers = [api.post("orders", order_body()).json()["number"] for _ in range(4)]
    run_relay()
    return [Order.objects.get(number=number) for number in numbers]


def bulk(client, orders, verb, **fields):
    answer = client.post(
        "/lists/orders/bulk/", {"verb": verb, "row": [o.pk for o in orders]} | fields
    )
    assert answer.status_code == 302, answer.content
    return finish()


def undo(client, job):
    client.post(f"/jobs/{job.pk}/undo/")
    return finish()


def finish():
    job = Job.objects.latest("pk")
    while Job.objects.get(pk=job.pk).status == "running":
        work(job.pk)
    return Job.objects.get(pk=job.pk)


def states(orders, *names):
    for order in orders:
        order.refresh_from_db()
    return [tuple(getattr(o, n) for n in names) for o in orders]


def test_holding_and_back(orders, sign_in, laws_hold):
    client = sign_in("service")
    job = bulk(client, orders, "hold", kind="review", reason="look")
    assert states(orders, "open_holds") == [(1,)] * 4
    assert "/undo/" in client.get(f"/jobs/{job.pk}/").content.decode()
    undone = undo(client, job)
    assert (undone.status, undone.done, undone.failed) == ("done", 4, 0)
    assert states(orders, "status", "open_holds") == [("confirmed", 0)] * 4
    laws_hold()


def test_what_was_changed_since_fails_by_name_and_stays(orders, sign_in, system, laws_hold):
    client = sign_in("service")
    job = bulk(client, orders, "hold", kind="review", reason="look")
    perform(release_order, order_id=orders[0].pk, by=system, now=timezone.now())
    undone = undo(client, job)
    assert (undone.done, undone.failed) == (3, 1)
    assert JobItem.objects.get(job=undone, status="failed").label == orders[0].number
    laws_hold()


def test_releasing_and_back_with_every_hold_as_it_was(orders, sign_in, system, laws_hold):
    until = timezone.now() + timedelta(days=1)
    for kind, reason, at in (("review", "one", None), ("address", "two", until)):
        perform(
            hold_order,
            order_id=orders[0].pk,
            kind=kind,
            reason=reason,
            until=at,
            by=system,
            now=timezone.now(),
        )
    client = sign_in("service")
    job = bulk(client, orders[:1], "release")
    assert states(orders[:1], "open_holds") == [(0,)]
    undo(client, job)
    holds = Hold.objects.filter(order=orders[0], released_at=None).order_by("pk")
    assert [(h.kind, h.reason, h.until) for h in holds] == [
        ("review", "one", None),
        ("address", "two", until),
    ]
    laws_hold()


def test_flags_and_priorities_and_back(orders, sign_in):
    Order.objects.filter(pk=orders[0].pk).update(flag="blue", priority=3)
    client = sign_in("service")
    flagged, first = (
        bulk(client, orders, "mark", flag="red"),
        bulk(client, orders, "prioritise", priority="9"),
    )
    assert states(orders, "flag", "priority") == [("red", 9)] * 4
    undo(client, first)
    undo(client, flagged)
    assert states(orders, "flag", "priority") == [("blue", 3), *[("", 0)] * 3]


def test_once_and_only_what_can_be(orders, sign_in):
    client = sign_in("service")
    noted = bulk(client, orders, "note", text="hello")
    assert "/undo/" not in client.get(f"/jobs/{noted.pk}/").content.decode()
    undo(client, noted)
    held = bulk(client, orders, "hold", kind="review", reason="look")
    back = undo(client, held)
    count = Job.objects.count()
    for job in (held, back, noted):
        undo(client, job)
    assert Job.objects.count() == count
    assert states(orders, "open_holds") == [(0,)] * 4
    assert sign_in("buyer").post(f"/jobs/{held.pk}/undo/").status_code in {302, 403, 404}
    assert Job.objects.count() == count
