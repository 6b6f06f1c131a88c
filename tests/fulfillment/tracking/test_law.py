"""The law of tracked parcels agrees with their writer, for any log and at one instant too."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fulfillment.models import Parcel, TrackingEvent
from fulfillment.tracking.decisions import Report, standing_of
from fulfillment.tracking.laws import LAWS
from fulfillment.tracking.states import RANKS
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)

NEAR = ("delivered", "return_to_sender", "in_transit", "out_for_delivery")
logs = st.lists(
    st.tuples(
        st.sampled_from([*NEAR, *RANKS]), st.integers(0, 2), st.sampled_from(["", "out", "back"])
    ),
    max_size=7,
)


@pytest.fixture
def parcel(api):
    number = api.post("orders", order_body()).json()["number"]
    api.post("shipments", {"order": number})
    return Parcel.objects.get()


def breaches() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({LAWS[0].sql}) breach")
        return cursor.fetchone()[0]


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(log=logs, shuffled=st.randoms())
def test_where_a_parcel_stands_is_lawful_whatever_its_log(parcel, log, shuffled):
    start, zone = timezone.now(), ZoneInfo("Asia/Shanghai")
    reports = [Report(state, start + timedelta(hours=at), leg) for state, at, leg in log]
    standing = standing_of(reports, zone)
    again = list(reports)
    shuffled.shuffle(again)
    assert standing_of(again, zone) == standing
    with transaction.atomic():
        rows = [
            TrackingEvent(parcel=parcel, external_id=str(n), state=r.state, at=r.at, leg=r.leg)
            for n, r in enumerate(reports)
        ]
        TrackingEvent.objects.bulk_create(rows)
        where = {"status": standing.status, "delivered_at": standing.delivered_at}
        Parcel.objects.filter(pk=parcel.pk).update(**where, told={"x": ["1", ""]})
        assert breaches() == 0
        transaction.set_rollback(True)


def test_what_was_delivered_and_returned_before_the_law_stands_until_its_carrier_says_more(
    api, parcel
):
    at = timezone.now()
    for n, state in enumerate(("delivered", "return_to_sender")):
        TrackingEvent.objects.create(
            parcel=parcel, external_id=str(n), state=state, at=at + timedelta(minutes=n)
        )
    parcel.status, parcel.delivered_at, parcel.told = "return_to_sender", at, {}
    parcel.save(update_fields=["status", "delivered_at", "told"])
    assert breaches() == 0  # as it was written then
    Parcel.objects.update(told={"return_to_sender": ["1", at.isoformat()]})
    assert breaches() == 1
    Parcel.objects.update(told={})
    parcel.lines.model.objects.filter(parcel=parcel)
    for line in parcel.lines.select_related("order_line"):
        line.order_line.quantity_delivered = line.quantity
        line.order_line.save(update_fields=["quantity_delivered"])

    said = {"state": "in_transit", "at": (at + timedelta(minutes=5)).isoformat()}
    assert api.post(f"tracking/{parcel.tracking_number}", {"events": [said]}).status_code == 200

    parcel.refresh_from_db()
    assert (parcel.status, parcel.delivered_at) == ("return_to_sender", None)
    assert breaches() == 0
