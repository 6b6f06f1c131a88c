"""What was answered about a SKU adds up, or it is an anomaly."""

import pytest

from faults.stock_history import Level, anomalies, ends
from tests.faults.samples import History

BEFORE = {"A": Level(10, 0)}
TWO, NONE = {"A": 2}, {"A": 0}


def judged(history: History, on_hand: int, reserved: int) -> list[str]:
    return anomalies(history.operations, BEFORE, {"A": Level(on_hand, reserved)})


@pytest.mark.parametrize(
    ("history", "on_hand", "reserved"),
    [
        (History(), 10, 0),
        (History().place(), 10, 2),
        (History().place().ship(TWO), 8, 0),
        (History().place().cancel(TWO, NONE), 10, 0),
        (History().place().cancel({"A": 1}, NONE, {"A": 1}).ship({"A": 1}), 9, 0),
        (History().receive({"A": 5}).place(), 15, 2),
        (History().place().ship(TWO, outcome="fail"), 10, 2),
        (History().adjust({"A": 3}).adjust({"A": -1}), 12, 0),
        (History().adjust({"A": -3}, outcome="fail").bulk("R1", "R2"), 10, 4),
    ],
)
def test_acknowledged_operations_add_up(history, on_hand, reserved):
    assert judged(history, on_hand, reserved) == []
    assert judged(history, on_hand + 1, reserved)
    assert judged(history, on_hand - 1, reserved)
    assert judged(history, on_hand, reserved + 1)
    assert judged(history, on_hand, reserved - 1)


def test_an_unknown_outcome_counts_as_either():
    history = History().place().ship(TWO, outcome="unknown").receive({"A": 5}, outcome="unknown")
    assert [on_hand for on_hand in range(20) if not judged(history, on_hand, 2)] == list(
        range(8, 16)
    )
    assert ends(history.operations, "A", BEFORE["A"]) == ((8, 15), (0, 2))

    lowered = History().adjust({"A": -3}, outcome="unknown")
    assert ends(lowered.operations, "A", BEFORE["A"]) == ((7, 10), (0, 0))

    placed = History().place(outcome="unknown")
    assert ends(placed.operations, "A", BEFORE["A"]) == ((10, 10), (0, 2))


def test_more_reserved_than_on_hand_is_found_in_any_answer():
    assert judged(History().levels(10, 10), 10, 0) == []
    assert judged(History().levels(10, 11), 10, 0) == ["SKU A: 11 reserved of 10 on hand"]


def test_a_level_that_cannot_have_been_when_it_was_read_is_found():
    shipped = History().place().ship(TWO)
    assert judged(shipped.levels(8, 0), 8, 0) == []
    late = History().place().ship(TWO).levels(10, 0)
    assert judged(late, 8, 0) == ["SKU A: 10 on hand was read, 8 could be"]
    lower = History().adjust({"A": -3}).levels(7, 0)
    assert judged(lower, 7, 0) == []
    assert judged(History().adjust({"A": -3}).levels(10, 0), 7, 0)
    meanwhile = History().place().ship(TWO, lasts=5).back(2).levels(10, 2)
    assert judged(meanwhile, 8, 0) == []
