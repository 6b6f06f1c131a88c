"""A journal tells what was asked and how it came out, whatever died in between."""

import json
from dataclasses import replace

from faults.availability import availability_of
from faults.journal import Journal, operations_of, read
from tests.faults.samples import History


def test_a_journal_tells_how_each_operation_came_out(tmp_path):
    journal = Journal(tmp_path / "journal")
    placed = journal.invoke("place", "k1", {"units": {"A": 1}})
    journal.tried(placed, "503")
    journal.ended(placed, "ok", {"number": "R1"})
    journal.ended(journal.invoke("ship", "k2", {"order": "R1"}), "fail", {"code": "conflict"})
    journal.invoke("pay", "k3", {"order": "R1", "cents": 1})
    journal.close()

    first, second, third = read(tmp_path / "journal")

    assert (first.outcome, first.tries, first.order) == ("ok", ("503",), "R1")
    assert first.invoked_at < first.ended_at < second.invoked_at
    assert (second.outcome, second.is_possible) == ("fail", False)
    assert (third.outcome, third.is_possible) == ("unknown", True)
    assert third.ended_at == float("inf")


def test_a_line_that_was_cut_off_is_left_out():
    line = json.dumps(
        {"what": "invoke", "op": 1, "kind": "pay", "key": "k", "asked": {}, "at": 1.0}
    )
    (found,) = operations_of([line, line[:20]])
    assert found.outcome == "unknown"


def test_the_longest_gap_counts_from_the_start_and_to_the_end():
    history = History().place(lasts=1).pay(outcome="fail").receive({"A": 1}, lasts=1)

    seen = availability_of(history.operations, began=0.0, ended=20.0)

    assert (seen.acknowledged, seen.refused, seen.unknown) == (2, 1, 0)
    assert seen.longest_gap_s == 15.0


def test_tries_that_failed_are_told_from_those_that_were_dropped(tmp_path):
    journal = Journal(tmp_path / "journal")
    op = journal.invoke("place", "k1", {})
    for how in ("503", "500", "503", "dropped", "late", "hung-up", "409"):
        journal.tried(op, how)
    journal.close()

    seen = availability_of(read(tmp_path / "journal"), 0.0, 1.0)

    assert (seen.failed, seen.failed_by, seen.dropped) == (3, {"500": 1, "503": 2}, 2)
    assert seen.unknown == 1


def test_what_was_asked_for_in_one_call_is_an_operation_each_and_one_answer(tmp_path):
    journal = Journal(tmp_path / "journal")
    wanted = [(f"k{n}", {"nth": n}) for n in range(3)]
    ops = journal.invoke_all("bulk", wanted)
    journal.tried(ops[0], "503")
    ends = ["ok", "fail", "ok"]
    journal.all_ended((op, how, {"number": f"R{op}"}) for op, how in zip(ops, ends, strict=True))
    journal.close()

    found = read(tmp_path / "journal")

    assert [(op.key, op.outcome, op.is_placing) for op in found] == [
        ("k0", "ok", True),
        ("k1", "fail", True),
        ("k2", "ok", True),
    ]
    seen = availability_of(found, 0.0, 1.0)
    assert (seen.orders, seen.acknowledged, seen.tries, seen.failed) == (2, 2, 2, 1)
    assert seen.failed_share == 0.5


def test_a_read_without_an_answer_is_one_try():
    failed = History().read({}, {}).add("read", {"order": "R1"}, outcome="fail")
    failed.operations[1] = replace(failed.operations[1], tries=("dropped",))
    seen = availability_of(failed.operations, 0.0, 1.0)
    assert (seen.tries, seen.dropped, seen.acknowledged) == (2, 1, 0)
