"""What a fault costs is judged by what it may cost; a limit that nothing can break would be none."""

from dataclasses import replace

import pytest

from faults.availability import Availability
from faults.injections.table import BY_NAME, FAULTS
from faults.limits import CALM_EMPTY_S, CALM_GAP_S, LIMITS, NOTHING, breaches, share_of
from faults.runs import Run

CALM = Availability(
    acknowledged=500,
    orders=300,
    refused=50,
    unknown=0,
    tries=1000,
    failed=0,
    failed_by={},
    dropped=0,
    longest_gap_s=1.0,
    lasted_s=60.0,
)


def answered(status: str, count: int) -> Availability:
    return replace(CALM, failed=count, failed_by={status: count})


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_has_a_limit_that_a_calm_run_keeps_and_a_dead_product_breaks(fault):
    assert breaches(fault, CALM, 1.0) == []
    limit = LIMITS[fault.name]
    silent = replace(CALM, longest_gap_s=limit.gap_s + 0.1)
    assert breaches(fault, silent, 1.0)
    assert breaches(fault, CALM, limit.waits_s + 0.1)
    assert breaches(fault, CALM, float("inf"))
    assert breaches(fault, replace(answered("503", 999), lasted_s=900.0), 1.0)
    assert breaches(fault, replace(CALM, dropped=999, lasted_s=900.0), 1.0)


def test_limits_are_of_the_faults_that_there_are():
    assert set(LIMITS) == set(BY_NAME)


def test_no_limit_is_so_wide_that_it_says_nothing():
    """A minute of start is the longest that any fault may stop the product, less than two that work waits."""
    assert all(limit.gap_s <= 64 and limit.waits_s <= 110 for limit in LIMITS.values())
    assert (NOTHING.gap_s, NOTHING.waits_s) == (CALM_GAP_S, CALM_EMPTY_S)


@pytest.mark.parametrize(
    "name",
    [
        "none",
        "worker-killed",
        "slow-worker-killed",
        "beat-killed",
        "valkey-killed",
        "receivers-dead",
    ],
)
def test_what_does_not_touch_the_web_fails_not_one_call(name):
    fault = BY_NAME[name]
    assert breaches(fault, answered("503", 1), 1.0)
    assert breaches(fault, replace(CALM, dropped=1), 1.0)


def test_only_503_says_that_a_call_may_be_tried_again():
    fault = BY_NAME["postgres-killed"]
    assert breaches(fault, answered("503", 20), 1.0) == []
    (told,) = breaches(fault, answered("500", 20), 1.0)
    assert "20 tries were answered by 500" in told


def test_a_share_is_of_the_time_that_a_run_lasts():
    assert share_of(0, 60) == 0
    assert share_of(3, 60) == pytest.approx(0.1)
    assert share_of(100, 60) == 1
    fault = BY_NAME["postgres-killed"]  # it strikes twice
    allowed = share_of(LIMITS[fault.name].failing_s * fault.times, 600.0)
    assert breaches(fault, replace(answered("503", int(1000 * allowed) + 1), lasted_s=600.0), 1.0)
    assert not breaches(fault, replace(answered("503", int(1000 * allowed)), lasted_s=600.0), 1.0)


def test_a_run_that_was_late_is_not_good():
    assert Run(BY_NAME["none"], CALM).is_good
    late = Run(BY_NAME["none"], CALM, late=["nothing was acknowledged for 9 s"])
    assert not late.is_good
    assert late.told() == ["late: nothing was acknowledged for 9 s"]
