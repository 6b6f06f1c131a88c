"""A sample of the faults, for a few seconds; `make faults` runs all of them."""

import pytest

from faults.injections.table import BY_NAME
from faults.sessions import run_all

SAMPLE = ("web-child-killed",)


@pytest.fixture(scope="module")
def runs():
    """One product for all of them."""
    return {run.fault.name: run for run in run_all([BY_NAME[name] for name in SAMPLE], seconds=4)}


@pytest.mark.parametrize("name", SAMPLE)
def test_nothing_acknowledged_is_lost_or_doubled(runs, name):
    """How long it took is another matter: others work on this machine, too."""
    one = runs[name]
    assert [*one.wrong, *(one.verdict.told() if one.verdict else ["no verdict"])] == []
    assert one.seen.acknowledged > 0
