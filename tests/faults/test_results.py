"""A long run that was stopped goes on where it was, with what it had found; what failed stays failed."""

import json
from contextlib import nullcontext

import pytest

from faults import sessions
from faults.availability import availability_of
from faults.injections.fault import Fault
from faults.results import CannotResume, Results, file_of
from faults.runs import Run
from faults.verdict import Verdict
from tests.faults.samples import History

FAULTS = {name: Fault(name, "", lambda _world: nullcontext()) for name in ("a", "b", "c")}
SEEN = availability_of(History().bulk(*(f"R{n}" for n in range(40))).operations, 0.0, 60.0)
GOOD = Run(FAULTS["a"], SEEN, Verdict([], [], [], [], []), 3.5, took_s=9.0)
FAILED = Run(
    FAULTS["b"], SEEN, Verdict(["place"], [], [], [], []), float("inf"), wrong=["w"], late=["l"]
)
ASKED = {"seconds": 12.0, "orders": 100, "commit": "abc"}


@pytest.fixture
def results(tmp_path):
    results = Results(tmp_path / "deep" / "all.jsonl", ASKED)
    results.begin()
    results.keep(GOOD)
    results.keep(FAILED)
    return results


def test_what_was_found_is_there_when_a_run_goes_on(results):
    assert results.read(FAULTS) == [GOOD, FAILED]
    assert [run.is_good for run in results.read(FAULTS)] == [True, False]


def test_a_line_that_was_cut_off_is_a_fault_that_is_run_again(results):
    with results.path.open("a") as stream:
        stream.write('{"fault": "c", "seen"')
    assert results.read(FAULTS) == [GOOD, FAILED]


def test_nothing_goes_on_that_was_begun_otherwise_or_not_at_all(results):
    for other in ({"commit": "def"}, {"orders": 5}, {"seconds": 1.0}):
        with pytest.raises(CannotResume, match="begun with"):
            Results(results.path, ASKED | other).read(FAULTS)
    with pytest.raises(CannotResume, match="There is no"):
        Results(results.path.with_name("none"), ASKED).read(FAULTS)


def test_a_run_that_begins_anew_keeps_the_one_before_beside_it(results):
    results.begin()
    assert results.read(FAULTS) == []
    before = results.path.with_suffix(".before.jsonl").read_text().splitlines()
    assert [json.loads(line).get("fault") for line in before] == [None, "a", "b"]


def test_faults_that_were_named_have_a_file_of_their_own():
    assert file_of([]).name == "all.jsonl"
    assert file_of(["a", "b"]) != file_of(["a"]) != file_of([])


def test_a_run_that_goes_on_runs_only_what_is_left_and_asks_it_for_what_is_missing(monkeypatch):
    asked = {}

    def run(_world, fault, *, seconds, orders):
        asked[fault.name] = orders
        return Run(fault, SEEN, Verdict([], [], [], [], []))

    monkeypatch.setattr(sessions, "run", run)
    monkeypatch.setattr(sessions, "world_of", lambda _where: nullcontext())
    told = []

    found = sessions.run_all(
        list(FAULTS.values()), seconds=1, orders=100, done=[GOOD], tell=told.append
    )

    assert asked == {"b": 30, "c": 20}  # 40 and 40 are there: of 60 a half, and then all of 20
    assert [run.fault.name for run in found] == ["a", "b", "c"]
    assert [run.fault.name for run in told] == ["b", "c"]


def test_a_share_is_never_less_than_nothing():
    assert sessions.share(10, [GOOD], 3) == 0
    assert sessions.share(0, [], 3) == 0
    assert sessions.share(10, [], 3) == 4
