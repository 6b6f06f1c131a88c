"""The schedule goes on when the clock is set back, at once or before beat starts again."""

from datetime import timedelta

import pytest

from erp.celery import app
from erp.steady_beat import SteadyScheduler


@pytest.fixture
def beat(tmp_path, monkeypatch):
    """(scheduler, what it has sent, how to set its clock)."""
    clock = {"off": timedelta(0)}
    right = app.now
    monkeypatch.setattr(app, "now", lambda: right() + clock["off"])
    sent: list[str] = []
    scheduler = SteadyScheduler(app, schedule_filename=str(tmp_path / "schedule"), lazy=False)
    monkeypatch.setattr(scheduler, "apply_async", lambda entry, **_: sent.append(entry.name))
    for entry in scheduler.schedule.values():
        entry.last_run_at = app.now()

    def set_by(off: timedelta) -> None:
        clock["off"] = off

    yield scheduler, sent, set_by
    scheduler.close()


def test_beat_is_ours():
    assert app.conf.beat_scheduler == "erp.steady_beat:SteadyScheduler"


@pytest.mark.parametrize(
    "back", [timedelta(days=2), timedelta(hours=1), timedelta(seconds=30)], ids=str
)
def test_a_clock_that_is_set_back_stops_nothing(beat, back):
    scheduler, sent, set_by = beat
    scheduler.tick()
    set_by(-back)
    shortest = min(float(entry["schedule"]) for entry in app.conf.beat_schedule.values())
    assert scheduler.tick() <= shortest
    set_by(-back + timedelta(seconds=6))
    sent.clear()
    for _entry in app.conf.beat_schedule:
        scheduler.tick()
    assert {"relay", "beat", "mail"} <= set(sent)


def test_a_file_of_before_stops_nothing(beat):
    """It was written by the clock that was wrong."""
    scheduler, _sent, _set_by = beat
    for entry in scheduler.schedule.values():
        entry.last_run_at = app.now() + timedelta(days=2)
    assert scheduler.tick() <= 2.0
    assert all(entry.last_run_at <= app.now() for entry in scheduler.schedule.values())
