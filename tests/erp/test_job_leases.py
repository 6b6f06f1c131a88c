"""Jobs are leased one at a time, by their own turn, and counted when their worker dies with them."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from erp.celery import app
from erp.jobs import actions, runner
from erp.jobs.models import Job
from erp.jobs.tasks import run_job, run_jobs
from erp.once import perform
from erp.valkey import valkey

pytestmark = pytest.mark.django_db(transaction=True)


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
