"""/readyz says what is so, in every state that the machine can bring about."""

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from erp.celery import QUEUES, QUICK, SLOW
from erp.events.tasks import beat_once, say_what_is_served
from erp.web import health

pytestmark = pytest.mark.django_db(transaction=True)


def execute(sql, *given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def ready():
    answer = Client().get("/readyz")
    return answer.status_code, answer.json().get("degraded")


@pytest.fixture
def served(ground):
    """Both kinds of worker live."""
    beat_once()
    execute(
        "INSERT INTO erp_heartbeat (name, at) SELECT 'queue:' || q, now() FROM unnest(%s::text[]) q",
        list(QUEUES),
    )


def test_all_is_well(served):
    assert ready() == (200, [])


@pytest.mark.parametrize(
    ("lost", "said"),
    [(QUICK, ["worker"]), (SLOW, ["slow-worker"]), (QUEUES, ["worker", "slow-worker"])],
)
def test_a_lost_worker_of_either_kind(served, lost, said):
    names = [f"queue:{queue}" for queue in lost]
    execute("UPDATE erp_heartbeat SET at = now() - interval '2 min' WHERE name = ANY(%s)", names)
    assert ready() == (200, said)


def test_a_queue_that_no_worker_was_given(served):
    execute("DELETE FROM erp_heartbeat WHERE name = 'queue:outside'")
    assert ready() == (200, ["slow-worker"])


def test_a_worker_that_lives_and_takes_nothing(served):
    execute("UPDATE erp_heartbeat SET at = now() - interval '2 min' WHERE name = 'worker'")
    assert ready() == (200, ["worker"])


@pytest.mark.parametrize(
    ("queue", "sql"),
    [
        (
            "jobs",
            "INSERT INTO erp_job (kind, name, by_id, status, asked, result, done, failed, started_at, updated_at,"
            " stop_asked, error) SELECT 'export', 'x', min(id), 'running', '{}', '{}', 0, 0, now(),"
            " now() - interval '1 hour', false, '' FROM erp_actor",
        ),
        (
            "webhooks",
            "WITH c AS (INSERT INTO erp_channel (code, name, kind, currency, language, time_zone, is_active,"
            " webhook_secret, previous_secret) VALUES ('x', 'x', 'desk', 'CNY', 'en', 'UTC', true, '', '')"
            " RETURNING id), e AS (INSERT INTO erp_webhookendpoint (channel_id, url, topics, secret, previous_secret,"
            " status, last_id, created_at) SELECT id, 'https://x/', '{}', '', '', 'active', 0, now() FROM c"
            " RETURNING id), v AS (INSERT INTO erp_event (topic, subject, facts) VALUES ('x', 'x', '{}') RETURNING id)"
            " INSERT INTO erp_webhookdelivery (endpoint_id, event_id, status, attempts, due_at, error)"
            " SELECT e.id, v.id, 'pending', 0, now() - interval '1 hour', '' FROM e, v",
        ),
        (
            "mail",
            "WITH v AS (INSERT INTO erp_event (topic, subject, facts) VALUES ('x', 'x', '{}') RETURNING id)"
            " INSERT INTO erp_message (event_id, template, subject_ref, language, recipient, subject, text, html,"
            " attachment, status, attempts, error, due_at) SELECT id, 'x', '', '', '', '', '', '', '', 'waiting', 0,"
            " '', now() - interval '1 hour' FROM v",
        ),
    ],
)
def test_a_backlog(served, queue, sql):
    execute(sql)
    assert ready() == (200, [queue])
    if queue == "webhooks":
        execute("UPDATE erp_webhookendpoint SET status = 'paused'")
        assert ready() == (200, [])
    execute("INSERT INTO erp_effectspause (at) VALUES (now())")
    assert ready() == (200, ["jobs"] if queue == "jobs" else [])  # what may not leave is not late


def test_a_database_that_takes_no_writes(served, monkeypatch):
    monkeypatch.setattr(health, "WRITES", ("SELECT 1/0",))
    assert ready()[0] == 503


def test_what_is_written_needs_room_on_the_disk_and_leaves_nothing(served):
    """What a full disk does to it: test_ready_on_a_full_disk.py, where a disk can be mounted."""
    small, room, _row = health.WRITES
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(small)
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {room}")
        ((plan,),) = cursor.fetchone()
        assert plan["Plan"]["Temp Written Blocks"] * 8192 >= 1 << 20
        cursor.execute("SHOW work_mem")
        assert cursor.fetchone() == ("64kB",)
    size = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind IN ('r', 'i', 't')"
    with connection.cursor() as cursor:
        cursor.execute("SHOW work_mem")
        assert cursor.fetchone() != ("64kB",)
        ready()
        cursor.execute(size)
        before = cursor.fetchone()
        for _ in range(20):
            assert ready() == (200, [])
        cursor.execute(size)
        assert cursor.fetchone() == before


def test_migrations_that_are_not_current(served, monkeypatch):
    health._known_true.cache_clear()
    monkeypatch.setattr(
        "django.db.migrations.executor.MigrationExecutor.migration_plan", lambda *_: [object()]
    )
    assert ready()[0] == 503
    health._known_true.cache_clear()


def test_a_worker_says_which_queues_it_serves(ground, monkeypatch):
    monkeypatch.setattr("erp.events.tasks._said", {"at": float("-inf")})

    served = SimpleNamespace(consume_from={"webhooks": None, "jobs": None})
    app = SimpleNamespace(amqp=SimpleNamespace(queues=served))
    monkeypatch.setattr("erp.events.tasks.current_app", app)
    say_what_is_served()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM erp_heartbeat WHERE name LIKE 'queue:%' ORDER BY name")
        assert cursor.fetchall() == [("queue:jobs",), ("queue:webhooks",)]

    def broken(*_):
        raise DatabaseError

    monkeypatch.setattr("erp.events.tasks.connection.cursor", broken)
    monkeypatch.setattr("erp.events.tasks._said", {"at": float("-inf")})
    say_what_is_served()
