"""A run is good only where nothing is wrong; a fault that was not injected is named, and never counted as passed."""

from dataclasses import replace

from faults.availability import availability_of
from faults.injections.table import BY_NAME
from faults.report import is_proof, show, show_progress, show_summary, summary, table, write_table
from faults.runs import Run, too_little
from faults.verdict import Verdict

FAULT = BY_NAME["none"]
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
    assert found["not_injected"] == {"none": "only root can"}
    assert summary([GOOD, NOT_INJECTED])["ok"]
    assert not summary([GOOD, MISSED])["ok"]


def test_a_run_that_cost_more_than_it_may_is_bad():
    late = replace(GOOD, late=["nothing was acknowledged for 30.0 s, 4 s may be"])
    assert not summary([GOOD, late])["ok"]


def test_a_table_for_readers_has_a_row_each_what_it_may_cost_and_sums(tmp_path):
    seen = replace(SEEN, orders=30, acknowledged=50, tries=100, failed=2, longest_gap_s=1.26)
    found = Run(BY_NAME["postgres-killed"], seen, GOOD.verdict, 40.04, took_s=71.0)

    write_table([found, LOST, NOT_INJECTED], tmp_path / "deep" / "table.md")

    text = (tmp_path / "deep" / "table.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1
    cells = [cell.strip() for cell in rows[2].strip("|").split("|")]
    assert cells[:5] == ["postgres-killed", "30", "50", "0", "0"]
    assert cells[7:9] == ["2.0%", "100%"]
    assert cells[10:] == ["1.3", "12", "40.0", "95", "71", "good"]
    assert "lost: place k1" in rows[3]
    assert "not injected: only root can" in rows[4]
    assert rows[-1].startswith("| 2 faults | 30 | 50 | 1 | 0 |")


def test_what_a_finding_says_breaks_no_table():
    odd = replace(GOOD, wrong=["a | b\nc"])
    assert "a \\| b c" in table([odd])


def test_how_far_a_long_run_has_come_is_told(capsys):
    show_progress([replace(GOOD, took_s=60.0), replace(GOOD, took_s=120.0)], 4)
    assert "2 of 4 faults, 0 orders, 3 min; 3 min more" in capsys.readouterr().out


def test_fewer_orders_than_were_asked_for_are_no_proof():
    enough = replace(GOOD, seen=replace(SEEN, orders=30))
    assert is_proof([enough, enough], orders=60)
    assert not is_proof([enough, enough], orders=61)
    assert not summary([enough], orders=61)["ok"]


def test_a_load_that_was_refused_proves_nothing():
    assert not is_proof([])
    assert not is_proof([NOT_INJECTED])
    assert too_little(SEEN, 0)
