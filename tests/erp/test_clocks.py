"""A machine whose clock is off does no background work: it says so, gives back what it is handed, and ends."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from celery.exceptions import Reject
from celery.worker import state
from django.conf import settings
from django.test import Client
from django.utils import timezone

from erp import clocks
from erp.celery import app
from erp.events import tasks

pytestmark = pytest.mark.django_db(transaction=True)
OFF = [timedelta(hours=3), timedelta(seconds=3), timedelta(seconds=-3), timedelta(days=-2)]


@pytest.fixture
def clock(monkeypatch):
    """Set this process's clock off by so much."""
    right = timezone.now

    def set_off(by: timedelta) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: right() + by)

    return set_off


@pytest.fixture
def task(monkeypatch):
    """A task of ours, as a worker runs it."""
    monkeypatch.setattr(clocks, "PAUSE_S", 0)
    found = app.tasks["erp.tasks.beat_once"]
    found.push_request(called_directly=False)
    yield found
    found.pop_request()


@pytest.mark.parametrize("off", [timedelta(0), timedelta(seconds=1), timedelta(seconds=-1)])
def test_one_that_is_nearly_right_works(clock, task, off):
    clock(off)
    assert clocks.why_not_to_work() == ""
    task()


@pytest.mark.parametrize("off", OFF, ids=str)
def test_one_that_is_off_gives_back_what_it_is_handed_and_ends(clock, task, off, monkeypatch):
    clock(off)
    assert clocks.clock_off_s() == pytest.approx(off.total_seconds(), abs=1)
    with pytest.raises(Reject) as given:
        task()
    assert given.value.requeue
    monkeypatch.setattr(state, "should_stop", None)
    monkeypatch.setitem(tasks._said, "at", float("-inf"))
    tasks.say_what_is_served()
    assert state.should_stop == 1


@pytest.mark.parametrize("off", OFF, ids=str)
def test_readiness_says_so_and_orders_are_still_taken(clock, ground, off):
    tasks.beat_once()
    clock(off)
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert "clock" in answer.json()["degraded"]


def test_a_slow_answer_is_no_wrong_clock(monkeypatch):
    """What the question took stands on either side of the answer."""
    times = iter([timezone.now() - timedelta(seconds=30), timezone.now() + timedelta(seconds=30)])
    monkeypatch.setattr("django.utils.timezone.now", lambda: next(times))
    assert clocks.why_not_to_work() == ""


def test_every_task_of_ours_asks():
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert ours
    assert [task.name for task in ours if not isinstance(task, clocks.PunctualTask)] == []
    assert [
        task.name for task in ours if not task.acks_late
    ] == []  # else what is given back is lost


@pytest.mark.parametrize("hours", ["3", "-48"])
def test_a_worker_refuses_to_start(hours):
    env = os.environ | {
        "PYTHONPATH": str(settings.BASE_DIR / "faults/breaches"),
        "FAULTS_CLOCK_H": hours,
    }
    command = [sys.executable, "-m", "celery", "-A", "erp.celery", "worker", "--pool", "solo"]
    done = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode
    assert "The clock of this machine" in done.stdout + done.stderr
