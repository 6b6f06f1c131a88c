"""What has been kept long enough goes, in small steps and no sooner; the tables stay as large as their days."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from erp.access.models import Channel
from erp.errors import Invalid, NotAllowed
from erp.events.models import Event, EventDelivery, Once
from erp.jobs.models import Job, JobFile
from erp.messages.models import Message
from erp.once import perform
from erp.privacy.actions.retention import let_go_some, set_retention
from erp.privacy.declarations import rules
from erp.privacy.models import Retention
from erp.privacy.tasks import let_go
from orders.models import IncomingMessage, OrderDraft
from tests.conftest import owner_cursor

pytestmark = pytest.mark.django_db(transaction=True)


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def happened(days: int, status: str = "done") -> int:
    """An event of some days ago with its delivery and the proof that it was done; its id."""
    with owner_cursor() as cursor:
        cursor.execute(
            "INSERT INTO erp_event (topic, subject, facts, at) VALUES ('order.placed', 'order:1', '{}', %s)"
            " RETURNING id",
            [days_ago(days)],
        )
        (pk,) = cursor.fetchone()
    EventDelivery.objects.create(event_id=pk, subscriber="s", status=status)
    Once.objects.create(scope="subscriber:s", key=str(pk))
    return pk


def all_goes(rule: str, **given) -> None:
    while perform(let_go_some, rule=rule, now=timezone.now(), **given):
        pass


def test_events_go_with_their_deliveries_and_no_sooner_than_all_had_them(system):
    old, young = happened(31), happened(29)
    parked = happened(31, status="parked")
    all_goes("events")
    assert set(Event.objects.filter(topic="order.placed").values_list("pk", flat=True)) == {
        young,
        parked,
    }
    assert set(EventDelivery.objects.values_list("event_id", flat=True)) == {young, parked}
    assert not Once.objects.filter(scope="subscriber:s", key=str(old)).exists()
    assert Once.objects.filter(scope="subscriber:s").count() == 2


def test_nobody_makes_events_go_before_their_time(system):
    happened(29)
    with (
        pytest.raises(IntegrityError, match="30 days"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute("SELECT erp_forget_events(now(), 10)")
    with pytest.raises(Exception, match=r"refused|permission"), transaction.atomic():
        Event.objects.all()._raw_delete("default")
    assert Event.objects.filter(topic="order.placed").exists()


def test_rows_go_a_few_at_a_time_and_another_worker_goes_on(shop):
    web = Channel.objects.get(code="web")
    IncomingMessage.objects.bulk_create(
        IncomingMessage(
            channel=web,
            source="shopify",
            topic="t",
            delivery=str(n),
            body=b"x",
            received_at=days_ago(100 if n < 25 else 10),
            status="failed" if n == 3 else "processed",
        )
        for n in range(40)
    )
    steps = 0
    while perform(let_go_some, rule="raw_messages", now=timezone.now(), limit=10):
        steps += 1
        assert steps < 10
    assert IncomingMessage.objects.exclude(body=b"").count() == 15 + 1
    row = Retention.objects.get(name="raw_messages")
    assert (row.removed, row.last_removed, row.is_behind) == (24, 24, False)
    assert steps == 3  # 10, 10 and 5

    failed = IncomingMessage.objects.get(delivery="3")
    IncomingMessage.objects.filter(pk=failed.pk).update(status="processed")
    all_goes("raw_messages")
    assert bytes(IncomingMessage.objects.get(pk=failed.pk).body) == b"x"  # was passed by
    perform(let_go_some, rule="raw_messages", now=timezone.now() + timedelta(days=8))
    assert (
        bytes(IncomingMessage.objects.get(pk=failed.pk).body) == b""
    )  # once a week from the start


def test_emptied_messages_go_as_rows_in_the_end_but_for_those_that_a_draft_is_of(shop):
    web = Channel.objects.get(code="web")
    _old, drafted, young = (
        IncomingMessage.objects.create(
            channel=web,
            source="mail",
            topic="t",
            delivery=str(days),
            body=b"",
            status="processed",
            received_at=days_ago(days),
        )
        for days in (800, 799, 700)
    )
    OrderDraft.objects.create(channel=web, message=drafted, status="dismissed")
    all_goes("raw_rows")
    assert set(IncomingMessage.objects.values_list("pk", flat=True)) == {drafted.pk, young.pk}


def test_what_a_rule_is_at_is_left_alone_by_another_worker(system):
    other = connection.copy()
    Retention.objects.create(name="keys")
    Once.objects.create(scope="api:1", key="k", at=days_ago(40))
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; SELECT 1 FROM erp_retention WHERE name = 'keys' FOR UPDATE")
            assert perform(let_go_some, rule="keys", now=timezone.now()) is False
            assert Once.objects.filter(key="k").exists()
            cursor.execute("ROLLBACK")
    finally:
        other.close()
    all_goes("keys")
    assert not Once.objects.filter(key="k").exists()


def test_the_task_runs_every_rule_and_says_so(system):
    job = Job.objects.create(
        kind="export", name="x", by=system, status="done", started_at=days_ago(50),
        updated_at=days_ago(50), finished_at=days_ago(50),
    )  # fmt: skip
    JobFile.objects.create(job=job, position=0, content=b"Ann Lee")
    running = Job.objects.create(
        kind="export", name="x", by=system, started_at=days_ago(50), updated_at=days_ago(50)
    )
    JobFile.objects.create(job=running, position=0, content=b"Ann Lee")
    let_go()
    assert list(JobFile.objects.values_list("job_id", flat=True)) == [running.pk]
    assert Job.objects.count() == 2
    assert set(Retention.objects.exclude(ran_at=None).values_list("name", flat=True)) == {
        r.name for r in rules()
    }


def test_texts_of_messages_go_first_then_the_rows(system):
    event = Event.objects.get(pk=happened(1))
    for days, status in ((400, "sent"), (400, "failed"), (2000, "sent"), (10, "sent")):
        Message.objects.create(
            event=event, template="confirmed", subject_ref="order:1", language="en", recipient=f"a{days}{status}@x",
            subject="s", text="t", html="h", status=status, due_at=days_ago(days),
            sent_at=days_ago(days) if status == "sent" else None,
        )  # fmt: skip
    for rule in ("message_texts", "messages", "messages_failed"):
        all_goes(rule)
    assert sorted(Message.objects.values_list("text", "status")) == [("", "sent"), ("t", "sent")]


def test_days_are_set_within_bounds_by_who_may(system, sign_in):
    with pytest.raises(Invalid):
        perform(set_retention, rule="raw_messages", days=3, by=system, now=timezone.now())
    with pytest.raises(Invalid):
        perform(set_retention, rule="raw_messages", days=9999, by=system, now=timezone.now())
    with pytest.raises(Invalid):
        perform(set_retention, rule="nothing", days=99, by=system, now=timezone.now())
    with pytest.raises(NotAllowed):
        perform(
            set_retention,
            rule="raw_messages",
            days=30,
            by=sign_in("service").actor,
            now=timezone.now(),
        )

    owner = sign_in()
    owner.post("/settings/retention/", {"rule": "raw_messages", "days": "30"})
    assert Retention.objects.get(name="raw_messages").days == 30
    page = owner.get("/settings/retention/").content.decode()
    assert "Incoming messages as they came" in page
    owner.post("/settings/retention/", {"rule": "raw_messages", "days": "1"})
    owner.post("/settings/retention/", {"rule": "raw_messages", "days": "x"})
    assert Retention.objects.get(name="raw_messages").days == 30


@pytest.mark.parametrize(
    "rule", [r for r in rules() if not r.function and r.walks != "name"], ids=lambda r: r.name
)
def test_a_night_reads_along_an_index(system, rule):
    """No rule reads a whole table to find what is old: with sequential scans dear, none is left in its plan."""
    from erp.privacy.actions.retention import BY_AGE, BY_ID, _act

    sql = (BY_ID if rule.walks == "id" else BY_AGE).format(
        table=rule.table, age=rule.age, only=rule.only, walks=rule.walks, act=_act(rule)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {sql}", {"after": 0, "before": timezone.now(), "limit": 2000})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"Seq Scan on {rule.table} " not in plan, plan
