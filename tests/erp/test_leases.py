"""A row is tried so often and no more, whatever it does to its worker; and waiting is no try."""

import json
from datetime import timedelta
from time import monotonic

import pytest
from django.db import Error, OperationalError, connection, transaction
from django.utils import timezone

from erp import leases
from erp.celery import QUEUE_OF, QUICK, SLOW, app
from erp.events import relay
from erp.events.models import EventDelivery
from erp.events.sets import takes_sets
from erp.jobs import actions, runner
from erp.jobs.models import Job
from erp.jobs.tasks import run_job, run_jobs
from erp.leases import lease
from erp.messages import send
from erp.messages.models import Message
from erp.messages.send import MAIL
from erp.once import perform
from erp.turns import ask_for_turns
from erp.valkey import valkey
from orders.intake.inbox import tasks as inbox
from orders.intake.inbox.tasks import read_some
from orders.intake.messages.actions.receive import INBOX, receive_message
from orders.models import IncomingMessage
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)
QUEUES = [relay.OUTBOX, MAIL, INBOX]


@pytest.fixture
def rows(api, shop):
    """Ten rows in each queue, due now."""
    for n in range(5):
        api.post("orders", order_body())
        for m in range(2):
            perform(
                receive_message,
                channel_id=shop.web.pk,
                source="x12",
                topic="purchase_order",
                delivery=f"{n}-{m}",
                origin="",
                body=b"no interchange",
            )
    while ids := relay.lease_due(now=timezone.now()):
        relay.deliver_all(delivery_ids=ids, now=timezone.now())
    EventDelivery.objects.update(status="pending", is_leased=False, due_at=timezone.now())
    return {
        "erp_eventdelivery": EventDelivery,
        "erp_message": Message,
        INBOX.table: IncomingMessage,
    }


def is_given_up(model, queue) -> list[int]:
    return list(model.objects.filter(status=queue.gives_up).values_list("pk", flat=True))


@pytest.mark.parametrize("queue", QUEUES, ids=lambda q: q.table)
def test_a_backlog_costs_no_tries(rows, queue):
    """Leased again and again before anybody came to it, a row was given up that had never run."""
    model, now = rows[queue.table], timezone.now() + timedelta(seconds=1)
    for _time in range(queue.most + 2):
        lease(queue, now=now, limit=100)
        model.objects.update(is_leased=False)  # its worker gave it back
        now += queue.lease * 2
    assert not is_given_up(model, queue)
    assert set(model.objects.values_list("attempts", flat=True)) == {0}


@pytest.mark.parametrize("queue", QUEUES, ids=lambda q: q.table)
def test_what_kills_its_worker_is_given_up_and_nothing_beside_it(rows, queue):
    """Whoever leases the poison dies with all that he leased."""
    model, now = rows[queue.table], timezone.now() + timedelta(seconds=1)
    poison = model.objects.filter(status=queue.waits).earliest("pk").pk
    deaths = 0
    for _round in range(40):
        taken = lease(queue, now=now, limit=5)
        if not taken:
            break
        for pk in taken:
            if pk == poison:
                deaths += 1
                break
            model.objects.filter(pk=pk).update(status=done_of(model), is_leased=False)
        now += queue.lease * 2

    assert is_given_up(model, queue) == [poison]
    assert deaths <= queue.most
    assert not model.objects.filter(status=queue.waits).exists()


@pytest.mark.parametrize("queue", QUEUES, ids=lambda q: q.table)
def test_what_a_worker_died_with_has_its_turn_while_others_keep_coming(rows, queue):
    """It waited until nothing else did: under an unending backlog for ever."""
    model, now = rows[queue.table], timezone.now() + timedelta(seconds=1)
    (left,) = lease(queue, now=now, limit=1)  # and its worker dies
    for _round in range(20):
        now += queue.lease / 2
        others = model.objects.exclude(pk=left).order_by("due_at")
        for pk in lease(queue, now=now, limit=2):
            if pk == left:
                assert model.objects.get(pk=left).attempts == 1
                return
            model.objects.filter(pk=pk).update(is_leased=False, due_at=now)  # another one like it
        assert others.exists()
    pytest.fail("others had every turn")


LOST_IN = {
    "erp_eventdelivery": (relay, "_act"),
    "erp_message": (send, "_paper"),
    INBOX.table: (inbox, "read_body"),
}


def work_some(table: str) -> None:
    if table == "erp_eventdelivery":
        relay.deliver_all(delivery_ids=relay.lease_due(now=timezone.now()), now=timezone.now())
    elif table == "erp_message":
        send.send_due_messages(now=timezone.now())
    else:
        read_some(most=1)


@pytest.mark.parametrize("queue", QUEUES, ids=lambda q: q.table)
def test_what_a_worker_had_as_the_database_went_is_leased_again_as_soon_as_it_is_back(
    rows, queue, monkeypatch
):
    def refused():
        raise OperationalError("the database system is starting up")

    with monkeypatch.context() as patched:

        def lose(*_args, **_said):
            connection.close()
            patched.setattr(connection, "connect", refused)
            Job.objects.first()

        patched.setattr(*LOST_IN[queue.table], lose)
        with pytest.raises(Error):
            work_some(queue.table)
    left = rows[queue.table].objects.filter(is_leased=True, due_at__gt=timezone.now())
    waited = set(left.values_list("pk", flat=True))
    assert waited

    found = set()
    while pks := lease(queue, now=timezone.now(), limit=100):
        if waited & set(pks):
            assert len(pks) == 1, "one of them may be what broke it"
        found |= set(pks)
    assert waited <= found
    counted = rows[queue.table].objects.filter(pk__in=waited).values_list("attempts", flat=True)
    assert set(counted) == {1}


def test_what_another_worker_may_have_by_now_is_not_taken_from_it(rows, monkeypatch):
    ids = relay.lease_due(now=timezone.now())
    with pytest.raises(Error), leases.worked_on(relay.OUTBOX, ids):
        raise Error("gone")
    monkeypatch.setattr(leases, "monotonic", lambda: monotonic() + 56)

    relay.lease_due(now=timezone.now())

    assert EventDelivery.objects.filter(pk__in=ids, due_at__gt=timezone.now()).count() == len(ids)
    assert not leases._lost


def done_of(model) -> str:
    return {EventDelivery: "done", Message: "sent", IncomingMessage: "processed"}[model]


def test_of_some_deliveries_the_one_that_fails_is_counted_alone(api, shop, monkeypatch):
    for _n in range(3):
        api.post("orders", order_body())
    ids = relay.lease_due(now=timezone.now() + timedelta(seconds=1), limit=100)
    bad = EventDelivery.objects.filter(pk__in=ids).latest("pk")
    called, whole = [], relay.resolve

    def resolve(name):
        act = whole(name)

        def watched(*, now, event=None, events=()):
            told = [event] if event else events
            called.extend((name, each.pk) for each in told)
            if (bad.subscriber, bad.event_id) in {(name, each.pk) for each in told}:
                raise ValueError("of this one alone")
            act(now=now, **({"event": event} if event else {"events": events}))

        watched.acts_in_sets = takes_sets(act)
        return watched

    monkeypatch.setattr(relay, "resolve", resolve)
    relay.deliver_all(delivery_ids=ids, now=timezone.now())

    rows = dict(EventDelivery.objects.filter(pk__in=ids).values_list("pk", "status"))
    assert rows.pop(bad.pk) == "pending"
    assert set(rows.values()) == {"done"}
    bad.refresh_from_db()
    assert (bad.attempts, bad.is_leased, bad.error) == (1, False, "ValueError: of this one alone")


def test_deliveries_of_one_transaction_act_once(api, shop):
    api.post("orders", order_body())
    ids = relay.lease_due(now=timezone.now() + timedelta(seconds=1), limit=100)
    for _time in range(2):
        relay.deliver_all(delivery_ids=ids, now=timezone.now())
    assert Message.objects.filter(template="order_confirmed").count() <= 1
    assert set(EventDelivery.objects.filter(pk__in=ids).values_list("status", flat=True)) == {
        "done"
    }


def test_every_task_has_a_queue_and_every_queue_a_worker():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == set(QUEUE_OF)
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= ours
    assert set(QUEUE_OF.values()) == {*QUICK, *SLOW}


def test_turns_are_asked_for_up_to_so_many():
    valkey().delete("mail")
    for _time in range(4):
        ask_for_turns("erp.tasks.send_some_messages", most=3)
    try:
        waiting = [json.loads(raw) for raw in valkey().lrange("mail", 0, -1)]
        assert [x["headers"]["task"] for x in waiting] == ["erp.tasks.send_some_messages"] * 3
    finally:
        valkey().delete("mail")


@pytest.fixture
def job(sign_in):
    return Job.objects.create(
        kind="bulk",
        name="x",
        by=sign_in().actor,
        started_at=timezone.now(),
        updated_at=timezone.now(),
    )


def dies(job: Job, times: int) -> str:
    """Whoever begins it never comes back."""
    now = timezone.now()
    for _time in range(times):
        perform(actions.lease_jobs, now=now)
        now += 2 * actions.LEASE
    perform(actions.lease_jobs, now=now)
    job.refresh_from_db()
    return job.status


@pytest.fixture
def sent(monkeypatch):
    """The names of tasks sent to the broker, none of which is run."""
    names: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, **_: names.append(name))
    valkey().delete("jobs", "inbox")
    return names


def test_a_job_that_only_waits_in_the_broker_is_not_counted(job, sent, monkeypatch):
    """Leased when it was sent, it failed after five leases in the queue without having been begun."""
    now = timezone.now()
    for _time in range(12):
        monkeypatch.setattr(timezone, "now", lambda moment=now: moment)
        run_jobs()
        now += 2 * actions.LEASE
    job.refresh_from_db()
    assert (job.status, job.deaths, job.leased_until) == ("running", 0, None)
    assert set(sent) == {"erp.tasks.run_job"}


def test_messages_that_piled_up_run_one_job_once(job, sent, monkeypatch):
    ran: list[int] = []
    monkeypatch.setattr(runner, "work", ran.append)
    for _message in range(3):
        run_job()
    assert ran == [job.pk]


def test_jobs_take_turns(job):
    other = Job.objects.create(
        kind="bulk", name="y", by=job.by, started_at=job.started_at, updated_at=timezone.now()
    )
    turns, begun = [], timezone.now()
    for turn in range(4):
        now = begun + timedelta(seconds=turn)  # a machine's clock may be set back in between
        turns += perform(actions.lease_jobs, now=now)
        perform(actions.release_lease, job_id=turns[-1], now=now)
    assert turns == [job.pk, other.pk] * 2


def test_one_job_is_leased_however_it_is_found(job):
    """By a nested loop, which statistics of few rows lead to, whoever asked for one job got two and began one."""
    Job.objects.create(
        kind="bulk", name="y", by=job.by, started_at=job.started_at, updated_at=job.updated_at
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for other_way in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            cursor.execute(f"SET LOCAL enable_{other_way} = off")
        assert actions.lease_jobs(now=timezone.now()) == [job.pk]


@pytest.mark.parametrize(("times", "status"), [(3, "running"), (4, "running"), (5, "failed")])
def test_a_job_whose_workers_die_is_given_up(job, times, status):
    assert dies(job, times) == status
    assert ("5" in job.error) == (status == "failed")


def test_stop_stops_a_job_that_kills_its_workers(job):
    perform(actions.lease_jobs, now=timezone.now())
    perform(actions.request_stop, job_id=job.pk, by=job.by, now=timezone.now())
    assert dies(job, 1) == "stopped"


def test_a_job_that_takes_turns_is_never_given_up(job):
    for _turn in range(12):
        assert perform(actions.lease_jobs, now=timezone.now()) == [job.pk]
        perform(actions.release_lease, job_id=job.pk, now=timezone.now())
    job.refresh_from_db()
    assert (job.status, job.deaths) == ("running", 0)


def test_a_message_that_nobody_can_read_is_held(rows):
    while read_some():
        pass
    assert set(IncomingMessage.objects.values_list("status", flat=True)) == {"held"}
