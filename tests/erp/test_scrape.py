"""What `/metrics` tells, whom, and at what cost."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from erp.backups.actions import pause_effects
from erp.metrics import tally
from erp.metrics.series import COUNTERS, GAUGES, HISTOGRAMS, PREFIX
from erp.valkey import valkey
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)
MOST_STATEMENTS = 20


@pytest.fixture(autouse=True)
def nothing_counted():
    tally.add_up()
    valkey().delete(tally.KEY)


def scraped(**headers):
    answer = Client(headers=headers).get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name.removeprefix(PREFIX), *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_an_order_is_counted_by_channel_and_outcome_and_a_refusal_by_its_code(api, shop):
    api.post("orders", order_body())
    api.post("orders", order_body(payment={"method": "unpaid"}))
    api.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 500}]))
    found = scraped()

    assert found["orders_placed_total", "confirmed", "web"] == 1
    assert found["orders_placed_total", "pending", "web"] == 1
    assert found["orders_refused_total", "insufficient-stock", "web"] == 1
    assert found["http_requests_total", "2xx", "POST", "api", "api/v1/orders"] == 2
    assert found["http_requests_total", "4xx", "POST", "api", "api/v1/orders"] == 1
    assert found["http_request_duration_seconds_count", "api", "api/v1/orders"] == 3
    assert found["http_request_duration_seconds_bucket", "+Inf", "api", "api/v1/orders"] == 3


def test_every_series_that_can_be_read_at_once_is_there(api, shop):
    api.post("orders", order_body())
    found = {name for name, *_labels in scraped()}
    rare = {  # there only where there is what they are of
        "queue_worker_age_seconds",
        "worker_heartbeat_age_seconds",
        "schedule_late_seconds",
        "schedule_failures",
        "schedule_seconds",
        "wal_archive_age_seconds",
        "audit_broken",
        "connection_failures",
        "circuit_open",
    }
    assert set(GAUGES) - rare <= found
    assert len(GAUGES) + len(COUNTERS) + len(HISTOGRAMS) >= 25
    assert scraped()["scrape_complete",] == 1


def test_what_was_measured_is_what_is(shop, system):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO erp_heartbeat (name, at, failures, seconds) VALUES"
            " ('worker', now() - interval '90 s', 0, null),"
            " ('queue:webhooks', now() - interval '30 s', 0, null),"
            " ('schedule:relay', now() - interval '42 s', 4, 0.5)"
        )
        cursor.execute(
            "INSERT INTO erp_message (event_id, template, subject_ref, language, recipient, subject, text, html,"
            " attachment, status, attempts, error, due_at) SELECT 1, 'x', 'order:1', 'en', n::text, '', '', '', '',"
            " CASE WHEN n < 4 THEN 'failed' ELSE 'waiting' END, 0, '', now() - interval '10 min'"
            " FROM generate_series(1, 5) n"
        )
        pause_effects(by=system, now=timezone.now())
        found = scraped()
        cursor.execute("DELETE FROM erp_message")

    assert 89 < found["worker_heartbeat_age_seconds",] < 120
    assert 29 < found["queue_worker_age_seconds", "webhooks"] < 60
    assert 39 < found["schedule_late_seconds", "relay"] < 70
    assert found["schedule_failures", "relay"] == 4
    assert (found["queue_waiting", "mail"], found["queue_late", "mail"]) == (2, 2)
    assert found["queue_parked", "mail"] == 3
    assert 599 < found["queue_oldest_seconds", "mail"] < 660
    assert found["effects_paused",] == 1
    assert found["backup_age_seconds", "backup"] == float("inf")


def test_one_answer_costs_few_statements(api, shop):
    scraped()
    with CaptureQueriesContext(connection) as asked:
        scraped()
    assert len(asked) <= MOST_STATEMENTS, [query["sql"][:80] for query in asked]


@pytest.mark.parametrize("name", ["erp_eventdelivery", "erp_message", "orders_incomingmessage"])
def test_a_queue_is_measured_by_its_indexes(shop, name):
    """A table of millions of rows is not walked through: each part is led by an index."""
    from erp.metrics.readings import queue_reading

    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {queue_reading().sql}", [])
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert f"Seq Scan on {name}" not in plan


@pytest.mark.parametrize(
    ("token", "environ", "brought", "status"),
    [
        ("", {}, "", 200),
        ("", {"REMOTE_ADDR": "203.0.113.9"}, "", 404),
        ("", {"REMOTE_ADDR": "::1"}, "", 200),
        ("", {"REMOTE_ADDR": ""}, "", 404),
        ("", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, "", 404),
        ("", {"HTTP_X_REAL_IP": "127.0.0.1"}, "", 404),
        ("", {"REMOTE_ADDR": "203.0.113.9"}, "Bearer ", 404),
        ("secret-of-metrics", {"REMOTE_ADDR": "203.0.113.9"}, "", 401),
        ("secret-of-metrics", {"REMOTE_ADDR": "203.0.113.9"}, "Bearer other", 401),
        ("secret-of-metrics", {"REMOTE_ADDR": "203.0.113.9"}, "Bearer secret-of-metrics", 200),
        ("secret-of-metrics", {}, "Bearer other", 401),
    ],
)
def test_it_is_told_to_this_machine_and_to_who_has_the_token(
    db, settings, token, environ, brought, status
):
    settings.METRICS_TOKEN = token
    given = environ | ({"HTTP_AUTHORIZATION": brought} if brought else {})
    assert Client(**given).get("/metrics").status_code == status


def test_what_processes_count_adds_up_and_a_dead_valkey_loses_nothing(db, monkeypatch):
    tally.count("sandbox_refusals", "memory")
    with monkeypatch.context() as without:
        from redis.exceptions import ConnectionError

        def dead():
            raise ConnectionError

        without.setattr(tally, "valkey", dead)
        tally.add_up()
    tally.count("sandbox_refusals", "memory", by=2)
    assert tally.totals()["sandbox_refusals", "memory"] == 3
    assert tally.totals()["sandbox_refusals", "memory"] == 3


def test_a_process_counts_no_more_series_than_it_can_hold(db, monkeypatch):
    monkeypatch.setattr(tally, "MOST", 2)
    for n in range(5):
        tally.count("sandbox_refusals", f"r{n}")
    assert len([key for key in tally.totals() if key[0] == "sandbox_refusals"]) <= 2


def test_no_label_holds_what_a_request_asked_for(api, shop, sign_in):
    number = api.post("orders", order_body()).json()["number"]
    sign_in().get(f"/orders/{number}/")
    Client().get(f"/nowhere/{number}/")
    Client().get("/static/erp/nothing.css")
    answer = Client().get("/metrics").content.decode()
    assert number not in answer
    assert 'route="orders/<str:number>/"' in answer
    assert 'route="unknown"' in answer
