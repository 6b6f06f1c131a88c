"""The demo: believable numbers of everything, and large ones made in sets."""

from datetime import timedelta

import pytest
from django.db.models import Min
from django.utils import timezone
from stdnum import luhn

from demo import business
from erp.access.actions import ensure_ground
from erp.access.queries import job_actor
from erp.once import perform
from fulfillment.carriers.builtin import is_s10
from fulfillment.models import Parcel
from orders.models import Customer, Decision, Order, OrderEvent, OrderSearch

pytestmark = pytest.mark.django_db(transaction=True)


def test_orders_made_in_sets_are_whole(monkeypatch, laws_hold):
    monkeypatch.setattr(business, "TRADED", 250)
    monkeypatch.setattr(business, "SET", 400)
    perform(ensure_ground)
    now = timezone.now()

    business.make_business(
        orders=1250,
        seed=3,
        by=job_actor("demo"),
        now=now,
        password="x",
        advanced=lambda n: None,
    )

    made = Order.objects.filter(decision__isnull=False).distinct()
    assert 1250 <= made.count() <= 1270
    again = made.filter(request_hash="")
    assert again.count() >= 900
    assert all(luhn.is_valid(number[2:]) for number in made.values_list("number", flat=True))
    assert all(is_s10(n) for n in Parcel.objects.values_list("tracking_number", flat=True))
    assert Decision.objects.filter(order__in=again).count() == 4 * again.count()
    parcels = dict(Parcel.objects.values_list("pk", "tracking_number"))
    for data in OrderEvent.objects.filter(kind="shipment.shipped").values_list("data", flat=True):
        assert parcels[data["parcel"]] == data["tracking_number"]
    assert OrderSearch.objects.count() == Order.objects.count()
    assert again.aggregate(first=Min("placed_at"))["first"] > now - timedelta(days=731)
    assert not again.filter(ended_at__gt=now).exists()
    assert Customer.objects.filter(words=None).count() <= 1
    laws_hold()
