"""A run is good only where nothing is wrong; a fault that was not injected is named, and never counted as passed."""

from contextlib import nullcontext

from faults.availability import availability_of
from faults.injections.fault import Fault
from faults.report import is_proof, show, show_summary, summary
from faults.runs import Run, too_little
from faults.verdict import Verdict

FAULT = Fault("a-fault", "what it does", lambda _world: nullcontext())
SEEN = availability_of([], 0.0, 1.0)
GOOD = Run(FAULT, SEEN, Verdict([], [], [], [], []), 1.0)
LOST = Run(FAULT, SEEN, Verdict(["place k1"], [], [], [], []), 1.0)
MISSED = Run(FAULT, SEEN, Verdict([], [], [], [], []), 1.0, wrong=["Missed: it was not there"])
NOT_INJECTED = Run(FAULT, cannot="only root can")


def test_any_finding_makes_a_run_bad():
    assert GOOD.is_good
    assert not LOST.is_good
    assert not MISSED.is_good
    for n in range(5):
        findings = [["something"] if n == at else [] for at in range(5)]
        assert not Run(FAULT, SEEN, Verdict(*findings), 1.0).is_good


def test_the_last_line_tells_all(capsys):
    for run in (GOOD, LOST, NOT_INJECTED):
        show(run)
    show_summary([GOOD, LOST, NOT_INJECTED])

    told = capsys.readouterr().out
    assert "not injected here: only root can" in told
    assert "lost: place k1" in told
    found = summary([GOOD, LOST, NOT_INJECTED])
    assert (found["ok"], found["faults"], found["lost"]) == (False, 2, 1)
    assert found["not_injected"] == {"a-fault": "only root can"}
    assert summary([GOOD, NOT_INJECTED])["ok"]
    assert not summary([GOOD, MISSED])["ok"]


def test_a_load_that_was_refused_proves_nothing():
    assert not is_proof([])
    assert not is_proof([NOT_INJECTED])
    assert too_little(SEEN, 0)
