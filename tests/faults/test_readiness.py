"""/readyz that says yes while orders are refused is found, and nothing else is."""

import json

import pytest

from faults.journal import Operation, operations_of
from faults.readiness import GRACE_S, Look, said_ready


def asked(*moments, until, outcome="ok", kind="place"):
    """Somebody who placed an order was answered 503 at some moments, and otherwise at last."""
    return Operation(
        1, kind, "k", {}, 0.0, until, outcome, {}, ("503",) * len(moments), tuple(moments)
    )


def looks(status, began, ended):
    return [Look(at / 2, status) for at in range(int(began * 2), int(ended * 2) + 1)]


DOWN = asked(*range(10, 21), until=22.0)


def test_a_product_that_says_that_it_is_ready_and_takes_no_order_is_found():
    (said,) = said_ready(looks(200, 0, 30), [DOWN])
    assert said == "/readyz said 200 for 10.0 s, in which every order was answered 503"


@pytest.mark.parametrize("status", [503, 0])
def test_one_that_says_that_it_is_not_is_right(status):
    seen = [*looks(200, 0, 12), *looks(status, 12.5, 19), *looks(200, 19.5, 30)]
    assert said_ready(seen, [DOWN]) == []


def test_a_short_time_may_pass():
    assert said_ready(looks(200, 0, 30), [asked(10, 10 + GRACE_S, until=22.0)]) == []


def test_orders_that_others_were_acknowledged_meanwhile_were_not_all_refused():
    others = [asked(until=float(at), kind="bulk") for at in range(12, 22, 3)]
    assert said_ready(looks(200, 0, 30), [DOWN, *others]) == []
    shipped = [asked(until=float(at), kind="ship") for at in range(12, 22, 3)]
    assert said_ready(looks(200, 0, 30), [DOWN, *shipped])


def test_what_an_order_was_answered_otherwise_says_nothing():
    late = Operation(1, "place", "k", {}, 0.0, tries=("late",) * 2, tried_at=(10.0, 20.0))
    assert said_ready(looks(200, 0, 30), [late]) == []


def test_a_journal_keeps_when_it_was_tried():
    lines = [
        {"what": "invoke", "op": 1, "kind": "place", "key": "k", "asked": {}, "at": 1.0},
        {"what": "tried", "op": 1, "how": "503", "at": 2.0},
        {"what": "tried", "op": 1, "how": "late", "at": 3.5},
        {"what": "ok", "op": 1, "said": {}, "at": 4.0},
    ]
    (read,) = operations_of(json.dumps(line) for line in lines)
    assert (read.tries, read.tried_at) == (("503", "late"), (2.0, 3.5))
