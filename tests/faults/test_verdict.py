"""What was acknowledged is there once, and what was refused is not there at all."""

from dataclasses import replace

import pytest

from faults.journal import READS, WRITES
from faults.stock_history import Level
from faults.verdict import Found, judge, unchecked
from tests.faults.samples import CENTS, History

LINES = {"cancelled": {"A": 0}, "shipped": {"A": 2}, "status": "confirmed"}
LIFE = History().place(key="p1").ship({"A": 2}).receive({"A": 5}, key="r1")
GOOD = Found(
    orders={"p1": ["R1"]},
    payments={},
    refunds={},
    receipts={"r1": 1},
    returns={},
    shipments={"shp_1": 1},
    lines={"R1": LINES},
    money={"R1": {"paid": CENTS, "refunded": 0}},
    before={"A": Level(10, 0)},
    after={"A": Level(13, 0)},
    events={"good": ["evt_1"]},
    taken={"good": {"evt_1": 2}},
)


def kinds(found: Found, history: History = LIFE) -> set[str]:
    return {text.partition(":")[0] for text in judge(history.operations, found).told()}


def test_what_is_all_there_is_good():
    assert judge(LIFE.operations, GOOD).is_good


def test_each_kind_of_loss_is_found():
    assert kinds(replace(GOOD, orders={})) == {"lost"}
    assert kinds(replace(GOOD, receipts={})) == {"lost"}
    assert kinds(replace(GOOD, shipments={})) == {"lost"}
    assert kinds(replace(GOOD, orders={"p1": ["R2"]})) == {"lost"}
    assert kinds(replace(GOOD, taken={"good": {}})) == {"undelivered"}
    assert kinds(replace(GOOD, unplanned=["R1"])) == {"undelivered"}
    assert kinds(replace(GOOD, parked=1)) == {"undelivered"}
    assert kinds(replace(GOOD, mails=(3, 2))) == {"undelivered"}
    assert kinds(replace(GOOD, mails=(3, 4))) == set()
    assert kinds(replace(GOOD, differing=["evt_1"])) == {"undelivered"}
    assert kinds(replace(GOOD, broken_laws=["S1"])) == {"broken_laws"}


def test_an_order_that_no_list_and_no_book_has_is_lost():
    assert kinds(replace(GOOD, lines={})) == {"lost"}
    assert kinds(replace(GOOD, money={})) == {"lost"}


def test_a_return_that_was_announced_and_is_not_there_is_lost_and_one_too_many_doubled():
    life = History().place(key="p1").ship({"A": 2}).receive({"A": 5}, key="r1")
    life.announce({"A": 1}, key="x")
    assert kinds(replace(GOOD, returns={"x": 1}), life) == set()
    assert kinds(replace(GOOD, returns={}), life) == {"lost"}
    assert kinds(replace(GOOD, returns={"x": 2}), life) == {"doubled"}


def test_an_approval_that_is_not_there_is_lost():
    life = History().place(key="p1").propose("F1", 100, key="x").approve("F1", 100)
    found = replace(
        GOOD,
        receipts={},
        shipments={},
        lines={"R1": LINES | {"shipped": {"A": 0}}},
        after={"A": Level(10, 2)},
        refunds={"x": [("F1", "approved")]},
    )
    assert kinds(found, life) == set()
    assert kinds(replace(found, refunds={"x": [("F1", "proposed")]}), life) == {"lost"}


def test_a_kind_whose_successes_nobody_compares_with_anything_is_named():
    checked = History().bulk("R1", "R2").propose("F1", 1).approve("F1", 1).adjust({"A": 1})
    assert unchecked(checked.operations, GOOD) == []
    blind = History().place(key="p1").add("praise", {"order": "R1"}).add("praise", {})
    assert unchecked(blind.operations, GOOD) == ["praise: 2 of 2 successes were never checked"]


@pytest.mark.parametrize("kind", sorted(READS | WRITES))
def test_every_kind_of_the_load_is_checked_by_something(kind):
    """With an order that was placed; what the load asks for and no check knows would be acknowledged for nothing."""
    asked = {"order": "R1", "units": {}, "is_paid": True, "cents": 1, "refund": "F1"}
    said = {"number": "R1", "shipments": []}
    life = History().place(key="p1").add(kind, asked, said)
    assert unchecked(life.operations, GOOD) == []


def test_each_kind_of_doubling_is_found():
    assert kinds(replace(GOOD, orders={"p1": ["R1", "R2"]})) == {"doubled"}
    assert kinds(replace(GOOD, orders={"p1": ["R1"], "p2": ["R2"]})) == {"doubled"}
    assert kinds(replace(GOOD, receipts={"r1": 2})) == {"doubled"}


def test_what_was_refused_and_is_there_is_found():
    refused = History().place(key="p1").pay(key="x", outcome="fail").ship({"A": 2})
    found = replace(GOOD, receipts={}, shipments={"shp_2": 1}, after={"A": Level(8, 0)})
    assert kinds(found, refused) == set()
    assert kinds(replace(found, payments={"pay_x": 1}), refused) == {"doubled"}


def test_what_the_database_says_of_an_order_has_to_follow_from_the_answers():
    lines = {"R1": LINES | {"shipped": {"A": 1}}}
    assert kinds(replace(GOOD, lines=lines)) == {"anomalies"}
    assert kinds(replace(GOOD, money={"R1": {"paid": CENTS, "refunded": 1}})) == {"anomalies"}
    assert kinds(replace(GOOD, after={"A": Level(12, 0)})) == {"anomalies"}


def test_a_repeated_call_that_is_answered_otherwise_is_found():
    told = History().place(key="p1").ship({"A": 2}).receive({"A": 5}, key="r1")
    told.operations[0] = replace(
        told.operations[0], said={**told.operations[0].said, "differs": {}}
    )
    assert kinds(GOOD, told) == {"anomalies"}
