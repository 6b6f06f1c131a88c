"""A removed guard is found by what its removal causes, and by nothing else."""

from dataclasses import replace

import pytest

from faults.guards import GUARDS, shown, why_missed
from faults.history import TOO_MUCH
from faults.verdict import Verdict

CLEAN = Verdict([], [], [], [], [])
CAUSED = {
    "once-row": {"doubled": ["receive k1 of order –: 2 times, ok"]},
    "commit": {"lost": ["place k1 of order R1"]},
    "sent-is-done": {"undelivered": ["3 of 90 events never reached good: ['evt_1']"]},
    "relay-forgets": {"undelivered": ["order R1 is confirmed, and no warehouse knows of it"]},
    "order-lock": {"anomalies": [f"order R1: {TOO_MUCH}: 1 and 2 of 2 S01"]},
    "reservation-check": {"anomalies": ["SKU HOT0: 12 reserved of 10 on hand"]},
}


def without(name: str) -> Verdict:
    return replace(CLEAN, **CAUSED[name])


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_is_found_by_what_its_removal_causes(name):
    assert shown(GUARDS[name], without(name))
    assert why_missed(GUARDS[name], CLEAN, without(name)) == ""


@pytest.mark.parametrize("name", GUARDS)
@pytest.mark.parametrize("other", GUARDS)
def test_what_another_guard_would_cause_does_not_show_that_this_one_is_gone(name, other):
    if name != other:
        assert "none of its findings, but others" in why_missed(GUARDS[name], CLEAN, without(other))


@pytest.mark.parametrize("name", GUARDS)
def test_what_is_found_with_the_guard_as_well_does_not_show_that_it_is_gone(name):
    told = why_missed(GUARDS[name], without(name), without(name))
    assert told.startswith("with the guard it looks the same")


def test_a_run_without_a_verdict_shows_nothing():
    guard = GUARDS["commit"]
    assert why_missed(guard, None, without("commit"))
    assert why_missed(guard, CLEAN, None)
    assert why_missed(guard, CLEAN, CLEAN) == "none of its findings"
