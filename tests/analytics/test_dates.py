"""Every figure counts what happened on its date, in the shop's zone, on the page as over the API."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import queries
from analytics.metrics import METRICS
from analytics.queries import figure
from erp.once import perform
from fulfillment.shipping.actions import ship_order
from fulfillment.tracking.actions import Scan, record_tracking
from orders.changes.actions.cancel import cancel_units
from orders.models import ChannelPolicy, OrderLine
from returns.models import ReturnAuthorization
from returns.refunds.actions.propose import propose_refund
from returns.refunds.actions.settle import approve_refund, complete_refund
from returns.rma.actions import approve_return, receive_return, request_return
from returns.rma.wishes import Wish
from tests.orders.steps import do, heard_of, receive_pots

pytestmark = pytest.mark.django_db(transaction=True)

START = datetime(2026, 3, 1, tzinfo=UTC)
ZONES = ("Asia/Shanghai", "UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kolkata")


@pytest.fixture
def lives(api, system, shop):
    """Orders placed, shipped, delivered, returned in two goes, refunded, cancelled, each step on a day of its own."""
    ChannelPolicy.objects.update(duplicate_minutes=0)

    def at(hours, action, **given):
        return perform(action, by=system, now=START + timedelta(hours=hours), **given)

    for n in range(5):
        order = heard_of(api, lines=[{"sku": "TEA-001", "quantity": 3}])
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE orders_order SET placed_at = %s WHERE id = %s",
                [START + timedelta(hours=11 * n), order.pk],
            )
        later = 11 * n + 37
        if n == 4:
            at(later, cancel_units, order_id=order.pk, reason="x")
            continue
        parcel = at(later, ship_order, order_id=order.pk)[0]
        scan = Scan("1", "delivered", START + timedelta(hours=later + 31))
        at(later + 31, record_tracking, parcel_id=parcel.pk, scans=[scan])
        line = OrderLine.objects.get(order=order)
        back = at(later + 60, request_return, order_id=order.pk, wishes=[Wish(line.pk, 2, "other")])
        at(later + 61, approve_return, return_id=back.pk)
        part = {back.lines.get().pk: 1}
        at(later + 70, receive_return, return_id=back.pk, units=part)
        at(later + 119, receive_return, return_id=back.pk, units=part)
        refund = at(later + 120, propose_refund, order_id=order.pk, return_id=back.pk, reason="x")
        at(later + 121, approve_refund, refund_id=refund.pk)
        at(later + 122, complete_refund, refund_id=refund.pk)
    return shop


def test_a_day_asked_alone_is_the_day_of_a_longer_period(lives):
    @settings(max_examples=66, suppress_health_check=list(HealthCheck), deadline=None)
    @given(
        st.sampled_from(sorted(METRICS)),
        st.sampled_from(ZONES),
        st.integers(-1, 14),
        st.integers(0, 6),
    )
    def same(metric, zone, day, length):
        first = datetime(2026, 3, 1, tzinfo=ZoneInfo(zone)) + timedelta(days=day)
        last = first + timedelta(days=length)
        asked = {"time_zone": zone, "by": "day"}
        wide = figure(metric, since=first, until=last + timedelta(days=1), **asked).series
        assert all(str(first.date()) <= key <= str(last.date()) for key, _value in wide)
        for n in range(length + 1):
            start = first + timedelta(days=n)
            alone = figure(metric, since=start, until=start + timedelta(days=1), **asked).series
            assert alone == [point for point in wide if point[0] == str(start.date())]
        for by in ("week", "month"):
            points = figure(metric, since=first, until=last, time_zone=zone, by=by).series
            assert all(str(first.date()) <= key <= str(last.date()) for key, _value in points)

    same()


def test_units_of_two_receipts_keep_their_days(lives):
    found = figure(
        "net_units", since=START, until=START + timedelta(days=30), time_zone="UTC", by="day"
    )
    back = -sum(value for _day, value in found.series if value < 0)

    assert sum(value for _day, value in found.series) == 4 * 3 - 4 * 2
    assert 0 < back <= 8
    first = ReturnAuthorization.objects.order_by("pk")[0]
    assert first.received_at == START + timedelta(hours=107)


def test_page_and_api_agree_on_every_day(lives, make_client, sign_in):
    client, browser = make_client(lives.web), sign_in("analyst")
    metrics = ["orders", "net_sales", "cancellations", "order_cycle_time"]
    for metric, day in product(metrics, range(-1, 9)):
        asked = str((START + timedelta(days=day)).date())
        said = client.get(f"analytics/{metric}", **{"from": asked, "to": asked, "by": "day"}).json()
        url = f"/analytics/?metric={metric}&by=day&channel={lives.web.code}&from={asked}&to={asked}"
        answer = browser.get(url)
        points = [(key, value) for key, value in answer.context["points"]]
        theirs = [(p["at"], p["value"] and Decimal(p["value"])) for p in said["series"]]
        assert points == theirs
        assert str(answer.context["since"]) == str(answer.context["until"]) == asked


def test_what_is_no_period(api, sign_in):
    browser = sign_in("analyst")
    for wrong in (
        {"to": "9999-12-31"},
        {"from": "0001-01-01"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "yesterday"},
        {"from": "2026-13-01"},
    ):
        assert api.get("analytics/orders", **wrong).status_code == 400, wrong
        asked = "&".join(f"{name}={value}" for name, value in wrong.items())
        assert browser.get(f"/analytics/?{asked}").status_code == 200


def test_net_sales_of_a_changed_order_fall_once(api, system):
    order = heard_of(api, lines=[{"sku": "TEA-001", "quantity": 3}])
    line = OrderLine.objects.get(order=order)

    def net():
        return Decimal(api.get("analytics/net_sales").json()["value"])

    placed = net()
    do(cancel_units, system, order_id=order.pk, units={line.pk: 1}, reason="x")
    assert net() == placed * 2 / 3
    refund = order.refunds.get()
    do(approve_refund, system, refund_id=refund.pk)
    do(complete_refund, system, refund_id=refund.pk)
    assert net() == placed * 2 / 3

    given = do(
        propose_refund,
        system,
        order_id=order.pk,
        units={line.pk: 1},
        reason="damaged",
    )
    do(ship_order, system, order_id=order.pk)
    do(approve_refund, system, refund_id=given.pk)
    do(complete_refund, system, refund_id=given.pk)
    assert net() == placed / 3


def test_goods_that_come_later_do_not_mend_the_fill_rate(make_client, shop, system):
    desk = make_client(shop.desk)
    heard_of(desk, lines=[{"sku": "POT-001", "quantity": 10}])
    before = desk.get("analytics/fill_rate").json()["value"]

    receive_pots(shop, system, 20)

    assert OrderLine.objects.get().quantity_backordered == 0
    assert desk.get("analytics/fill_rate").json()["value"] == before == "0.5"


def test_every_part_is_limited_by_the_moment_that_it_counts_for():
    for sql in (*queries.TABLES.values(), *queries.OTHERS.values()):
        for part in sql.split("UNION ALL"):
            shown = re.search(r"SELECT ([a-z]\.[a-z_]+)", part)
            limited = queries.WHEN.search(part)
            assert shown
            assert limited, part
            assert shown[1] == limited[1], part


def test_rows_are_joined_by_their_keys():
    """A key that is compared as text has no index: every row of the table is read for it."""
    for sql in (*queries.TABLES.values(), *queries.OTHERS.values()):
        assert not re.search(r"\b[a-z]+\.(id|[a-z_]+_id)::text", sql), sql


def test_what_came_back_is_found_by_the_line_that_it_is_of(lives):
    found = units_back()
    assert found == 8
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inventory_stockmovement (sku_id, quantity, from_place_id, to_place_id, kind,"
            " cause_type, cause_id, cause_line, cause_step, reason, by_id, at)"
            " SELECT sku_id, quantity, from_place_id, to_place_id, kind, cause_type, cause_id, 'none',"
            " cause_step, reason, by_id, at FROM inventory_stockmovement WHERE kind = 'return' LIMIT 1"
        )
    assert units_back() == found


def units_back():
    asked = {"since": START, "until": START + timedelta(days=30), "time_zone": "UTC"}
    back = figure("net_units", **asked).value
    sold = figure("units", **asked).value
    return sold - back
