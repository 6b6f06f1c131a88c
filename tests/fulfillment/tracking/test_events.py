"""What carriers report over the API: an answer to each event, and the parcel by its log alone."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from erp.audit.proof import prove
from fulfillment.models import Parcel, TrackingEvent
from orders.models import Order
from tests.conftest import order_body, owner_cursor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shipped(api):
    """Ships an order and gives its number and its parcel's."""

    def ship(**how):
        body = order_body(lines=[{"sku": "TEA-001", "quantity": 1}])
        number = api.post("orders", body).json()["number"]
        answer = api.post("shipments", {"order": number} | how)
        assert answer.status_code == 201, answer.content
        return number, answer.json()["tracking_number"]

    return ship


def event(state: str, minutes: float = 0, **more: object) -> dict[str, object]:
    at = timezone.now() + timedelta(minutes=minutes)
    return {"state": state, "at": at.isoformat(), "id": f"{state}@{minutes}"} | more


def results(answer) -> list[str]:
    return [row.get("code") or row["result"] for row in answer.json()["results"]]


def test_each_event_has_its_own_answer(api, shipped, laws_hold):
    _, parcel = shipped()
    good = event("in_transit")
    batch = [
        good,
        event("delivered", 9 * 24 * 60),
        event("delivered", -60 * 24 * 400),
        {"state": "delivered", "at": "yesterday"},
        {"state": "delivered", "at": "2026-03-02T12:00:00"},
        event("out_for_delivery", 1, description="x" * 2001),
        event("out_for_delivery", 1, id="y" * 121),
        good,
        good | {"state": "delivered"},
        7,
        event("picked_up", -1),
    ]

    answer = api.post(f"tracking/{parcel}", {"events": batch})

    assert results(answer) == [
        "accepted", "in-future", "before-parcel", "wrong-type", "malformed", "too-long",
        "too-long", "duplicate", "id-reused", "wrong-type", "accepted",
    ]  # fmt: skip
    assert answer.json()["results"][6]["pointer"] == "/events/6/id"
    assert answer.json()["status"] == "in_transit"
    assert TrackingEvent.objects.count() == 2
    laws_hold()


def test_a_batch_of_which_nothing_can_be_is_refused(api, shipped):
    _, parcel = shipped()

    answer = api.post(f"tracking/{parcel}", {"events": [event("delivered", 9 * 24 * 60), 7]})

    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/events/0/at", "/events/1"]


def test_extreme_moments_and_texts_are_refused_not_failed_on(api, shipped):
    _, parcel = shipped()
    for at in (
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-03-02T12:00:00+23:59",
    ):
        answer = api.post(f"tracking/{parcel}", {"events": [{"state": "delivered", "at": at}]})
        assert answer.status_code in {400, 422}, (at, answer.content)


def test_the_carriers_own_words_are_kept(api, shipped):
    _, parcel = shipped()
    said = [
        event("LOST/99", description="Sendung verloren"),
        event("In Transit", 1, code="TR-7", place="Köln"),
        event("delivered", 0.5, code="", description="", id=""),
    ]

    body = api.post(f"tracking/{parcel}", {"events": said}).json()

    assert [(e["state"], e["code"], e["description"], e["place"]) for e in body["events"]] == [
        ("in_transit", "TR-7", "", "Köln"),
        ("delivered", "delivered", "", ""),
        ("unknown", "LOST/99", "Sendung verloren", ""),
    ]
    assert body["status"] == "delivered"


def test_an_event_without_id_counts_once_however_its_moment_is_written(api, shipped):
    _, parcel = shipped()
    now = timezone.now()
    beijing = now.astimezone(timezone.get_fixed_timezone(480))
    rows = [
        {"state": "in_transit", "at": moment.isoformat(), "description": text}
        for moment, text in ((now, "left"), (beijing, "left"), (now, "arrived"))
    ]

    answer = api.post(f"tracking/{parcel}", {"events": rows})

    assert results(answer) == ["accepted", "duplicate", "accepted"]


def test_any_order_of_arrival_gives_the_same_parcel_and_order(api, shipped, laws_hold):
    rows = [
        event("delivered", 4),
        event("delivered", 2),
        event("return_to_sender", 5),
        event("delivered", 6),
    ]
    ends = set()
    for way in permutations(rows):
        number, parcel = shipped()
        for row in way:
            assert api.post(f"tracking/{parcel}", {"events": [row]}).status_code == 200
        found, order = Parcel.objects.get(tracking_number=parcel), Order.objects.get(number=number)
        delivered = sum(order.lines.values_list("quantity_delivered", flat=True))
        ends.add((found.status, found.delivered_at, order.status, order.delivered_at, delivered))
    assert ends == {("returned", None, "confirmed", None, 0)}
    laws_hold()


def test_delivery_times_are_the_logs(api, shipped, laws_hold):
    early, late = event("delivered", -1), event("delivered", 1)
    for way in ((early, late), (late, early)):
        number, parcel = shipped()
        for row in way:
            api.post(f"tracking/{parcel}", {"events": [row]})
        found, order = Parcel.objects.get(tracking_number=parcel), Order.objects.get(number=number)
        assert found.delivered_at.isoformat() == early["at"] == order.delivered_at.isoformat()
        assert order.status == "completed"
    laws_hold()


def test_a_parcel_may_be_the_customers_again(api, shipped, laws_hold):
    number, parcel = shipped()
    rows = [
        event("delivered", 1),
        event("return_to_sender", 2),
        event("out_for_delivery", 3, leg="out"),
        event("delivered", 4),
    ]
    seen = []
    for row in rows:
        status = api.post(f"tracking/{parcel}", {"events": [row]}).json()["status"]
        order = Order.objects.get(number=number)
        delivered = sum(order.lines.values_list("quantity_delivered", flat=True))
        seen.append((status, order.status, delivered))
    assert seen == [
        ("delivered", "completed", 1),
        ("return_to_sender", "confirmed", 0),
        ("out_for_delivery", "confirmed", 0),
        ("delivered", "completed", 1),
    ]
    laws_hold()


def test_numbers_are_found_as_typed_and_never_cut(api, shipped):
    _, parcel = shipped(tracking_number="  1z-99 ab12\n", carrier="ups")
    other = api.post("orders", order_body()).json()["number"]

    def ship(tracking):
        return api.post("shipments", {"order": other, "tracking_number": tracking})

    assert parcel == "1z-99 ab12"
    for typed in ("1z-99 ab12", "1Z99AB12", "1Z 99 AB 12"):
        assert api.get(f"tracking/{typed}").json()["tracking_number"] == parcel
        assert len(api.get("shipments", tracking_number=typed).json()["data"]) == 1
        assert ship(typed).status_code == 409
    assert ship("9" * 61).status_code == 422
    assert ship("AB\tCD").status_code == 422
    assert ship("9" * 60).status_code == 201


def test_a_number_used_again_is_the_new_parcels(api, shipped):
    _, old = shipped(tracking_number="1Z 77")
    api.post(f"tracking/{old}", {"events": [event("delivered")]})
    with owner_cursor() as cursor:
        cursor.execute("UPDATE fulfillment_parcel SET shipped_at = shipped_at - interval '40 days'")

    number, new = shipped(tracking_number="1z77")

    assert api.get("tracking/1Z77").json()["order"] == number
    long_ago = event("delivered", -60 * 24 * 39, id="theirs")
    assert api.post(f"tracking/{new}", {"events": [long_ago]}).status_code == 422
    assert api.get("tracking/1Z77").json()["status"] == "shipped"


def test_the_law_sees_a_parcel_that_its_log_does_not_know_as_delivered(shipped):
    shipped()
    Parcel.objects.update(status="delivered", delivered_at=timezone.now())

    broken = {f.law.code for f in prove() if f.breaches}

    assert "parcels_stand_where_their_log_says" in broken
