"""Following what happens: nothing twice, nothing skipped, nothing of other channels."""

import threading

import pytest
from django.db import connection, transaction

from erp.events.record import record_event
from tests.conftest import order_body, settle

pytestmark = pytest.mark.django_db(transaction=True)


def follow(api, last=""):
    query = {"after": last} if last else {}
    return api.get("events", **query).json()


def test_an_order_is_told_in_the_callers_terms(api):
    order = api.post("orders", order_body()).json()
    settle()

    page = follow(api)

    assert [e["type"] for e in page["data"]][-2:] == ["order.placed", "order.confirmed"]
    assert page["data"][-1]["data"] == {
        "order": {
            "id": order["id"],
            "number": order["number"],
            "external_id": order["external_id"],
        }
    }
    assert follow(api, page["next_cursor"]) == {
        "data": [],
        "has_more": False,
        "next_cursor": page["next_cursor"],
    }


def test_pages_and_channels(api, make_client, shop):
    settle()
    start = follow(api)["next_cursor"] or ""
    for _ in range(3):
        assert api.post("orders", order_body()).status_code == 201
    settle()
    seen, last = [], start
    while True:
        page = api.get("events", limit="1", **({"after": last} if last else {})).json()
        seen += [e["id"] for e in page["data"]]
        last = page["next_cursor"]
        if not page["has_more"]:
            break

    assert len(seen) == len(set(seen)) == 6
    other = make_client(channel=shop.desk)
    assert not [e for e in other.get("events").json()["data"] if e["type"].startswith("order.")]


def test_an_event_that_is_gone_is_said(api):
    answer = api.get("events", after="evt_000000000000")

    assert answer.status_code == 410
    assert answer.json()["code"] == "gone"


def test_a_late_commit_never_hides_behind_the_reader(api, shop):
    """With plain ids, the later event would be read first and the earlier one never."""
    settle()
    settle()
    start = follow(api)["next_cursor"] or ""
    written, finish = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            record_event("order.held", subject="order:1", channel_id=shop.web.pk, kind="slow")
            written.set()
            finish.wait(10)
        connection.close()

    writer = threading.Thread(target=slow)
    writer.start()
    written.wait(10)
    with transaction.atomic():
        record_event("order.held", subject="order:2", channel_id=shop.web.pk, kind="quick")
    early = follow(api, start)["data"]
    finish.set()
    writer.join()
    settle()

    late = follow(api, early[-1]["id"] if early else start)["data"]
    assert [e["data"]["kind"] for e in early + late] == ["slow", "quick"]
