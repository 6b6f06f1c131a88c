"""Events of a bulk do not stand before those that come while it is worked off."""

from datetime import timedelta

import pytest
from django.db.models import F

from erp.events.models import EventDelivery
from erp.events.record import event_row, record_event, record_events

pytestmark = pytest.mark.django_db


def test_what_comes_after_a_bulk_stands_before_its_last_events(shop):
    record_events(
        [
            event_row("order.confirmed", f"order:{n}", shop.web.pk, {"order_id": n})
            for n in range(2000)
        ]
    )
    EventDelivery.objects.update(due_at=F("due_at") - timedelta(seconds=2))  # two seconds later
    record_event("order.confirmed", subject="order:7777", channel_id=shop.desk.pk, order_id=7777)

    waiting = EventDelivery.objects.order_by("due_at", "pk").values_list(
        "event__subject", flat=True
    )
    place = list(dict.fromkeys(waiting)).index("order:7777")
    assert 400 < place < 800  # at 250 a second


def test_a_few_events_are_due_at_once_and_many_one_after_the_other(shop):
    record_events(
        [
            event_row("order.confirmed", f"order:{n}", shop.web.pk, {"order_id": n})
            for n in range(1100)
        ]
    )
    due = list(
        EventDelivery.objects.order_by("event_id").values_list("event_id", "due_at").distinct()
    )
    first = due[0][1]
    assert all(at == first for _event, at in due[:100])
    assert due[-1][1] - first == timedelta(seconds=4)
