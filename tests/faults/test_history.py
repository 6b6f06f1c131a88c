"""What was answered about an order is explained by some sequence, or it is an anomaly."""

import pytest

from faults.history import TOO_MUCH, anomalies
from tests.faults.samples import CENTS, History

NONE, TWO = {"A": 0}, {"A": 2}

POSSIBLE = {
    "a life": History().place().ship(TWO).read(NONE, TWO).refund(CENTS),
    "paid later": History().place(is_paid=False).pay().ship(TWO),
    "cancelled": History().place().cancel(TWO, NONE).read(TWO, NONE, "cancelled").refund(CENTS),
    "a part of each": History().place().cancel({"A": 1}, NONE, TWO | {"A": 1}).ship({"A": 1}),
    "a refused ship after a cancel": (
        History().place().cancel(TWO, NONE).ship(TWO, outcome="fail").read(TWO, NONE, "cancelled")
    ),
    "an unknown ship that did not happen": History()
    .place()
    .ship(TWO, outcome="unknown")
    .cancel(TWO, NONE),
    "an unknown ship that happened": History().place().ship(TWO, outcome="unknown").read(NONE, TWO),
    "an unknown ship that happened late": (
        History().place().ship(TWO, outcome="unknown").read(NONE, NONE).read(NONE, TWO)
    ),
    "two at once, the cancel later": (
        History().place().cancel({"A": 1}, {"A": 1}, lasts=5).back(2).ship({"A": 1}, {"A": 1})
    ),
    "two refunds, of which one is only proposed": (
        History().place().refund(CENTS).propose("F9", CENTS)
    ),
    "an approval that nobody heard of": (
        History().place().propose("F1", 1).approve("F1", 1, outcome="unknown").complete("F1", 1)
    ),
    "some of it comes back": History().place().ship(TWO).announce({"A": 1}).announce({"A": 1}),
    "placed with others": History().bulk("R1", "R2").ship(TWO).read(NONE, TWO),
    "an unknown placing": History().place(outcome="unknown"),
}
IMPOSSIBLE = {
    "shipped after a cancel": History().place().cancel(TWO, NONE).ship(TWO),
    "shipped after a cancel, asked at once": (
        History().place().cancel(TWO, NONE, lasts=5).back(2).ship(TWO)
    ),
    "shipped twice": History().place().ship(TWO).ship(TWO),
    "shipped, and not shipped when read later": History().place().ship(TWO).read(NONE, NONE),
    "cancelled, and not so when read later": History().place().cancel(TWO, NONE).read(NONE, NONE),
    "shipped unpaid": History().place(is_paid=False).ship(TWO),
    "shipped before it was paid": History().place(is_paid=False).ship(TWO).pay(),
    "more refunded than paid": History().place().refund(CENTS).refund(1),
    "refunded, never paid": History().place(is_paid=False).refund(100),
    "more comes back than left": History().place().ship({"A": 1}, {"A": 1}).announce(TWO),
    "it comes back twice": History().place().ship(TWO).announce(TWO).announce({"A": 1}),
    "it comes back and never left": History().place().announce({"A": 1}),
    "paid out, never approved": History().place().propose("F1", 100).complete("F1", 100),
    "paid out, never proposed": History().place().approve("F1", 100).complete("F1", 100),
    "approved twice": History().place().propose("F1", 1).approve("F1", 1).approve("F1", 1),
    "paid out twice": History().place().refund(1).complete("F1", 1),
    "proposed twice by one number": History().place().propose("F1", 1).propose("F1", 1),
    "placed with others, shipped twice": History().bulk("R2", "R1").ship(TWO).ship(TWO),
    "a refused ship that happened": History().place().ship(TWO, outcome="fail").read(NONE, TWO),
    "an unknown ship that happened and did not": (
        History().place().ship(TWO, outcome="unknown").read(NONE, TWO).read(NONE, NONE)
    ),
    "more cancelled than ordered": History().place().cancel({"A": 3}, NONE, {"A": 3}),
    "two placings with one number": History().place().place(),
    "back to confirmed": History().place().read(NONE, NONE, "cancelled").read(NONE, NONE),
    "back to pending": History().place().read(NONE, NONE).read(NONE, NONE, "pending"),
}


@pytest.mark.parametrize("name", POSSIBLE)
def test_what_can_have_been_is_no_anomaly(name):
    assert anomalies(POSSIBLE[name].operations) == []


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_have_been_is_found(name):
    found = anomalies(IMPOSSIBLE[name].operations)
    assert found
    assert all(text.startswith("order R1: ") for text in found)


def test_what_was_cancelled_and_left_all_the_same_is_named():
    """The one thing that the lock of an order is for, told apart from whatever else cannot be explained."""
    both = History().place().cancel({"A": 1}, NONE, {"A": 1}).ship(TWO).read({"A": 1}, TWO)
    assert f"order R1: {TOO_MUCH}: 1 and 2 of 2 A" in anomalies(both.operations)
    twice = History().place().ship(TWO).ship(TWO)
    assert not any(TOO_MUCH in text for text in anomalies(twice.operations))


def test_what_the_books_say_at_the_end_has_to_follow_from_the_answers():
    def lived(paid, refunded):
        said = {"paid": paid, "refunded": refunded}
        return History().place().refund(100).add("books", {"order": "R1"}, said).operations

    assert anomalies(lived(CENTS, 100)) == []
    assert anomalies(lived(CENTS, 200))
    assert anomalies(lived(2 * CENTS, 100))


def test_many_operations_at_once_are_explained_in_a_moment():
    """Twelve clients at once: what was tried before is not tried again."""
    history = History().place({"A": 12})
    for _client in range(11):
        history.ship({"A": 1}, {"A": 1}, lasts=50).back(2)
    assert anomalies(history.operations) == []
    history.ship({"A": 2}, {"A": 2}, lasts=50)
    assert anomalies(history.operations)
