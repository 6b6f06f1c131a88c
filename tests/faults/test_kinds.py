"""A kind of operation that never once succeeded is named: nothing can be said of what never happened."""

import pytest

from faults.kinds import KINDS, LONG, OFTEN, never_done
from faults.load import MIX, Load, kinds_of
from tests.faults.samples import History


def asked(kind: str, times: int, outcome: str = "fail") -> History:
    history = History()
    for _n in range(times):
        history.add(kind, {"order": "R1"}, {"code": "nope"}, outcome=outcome)
    return history


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("outcome", ["fail", "unknown"])
def test_a_kind_that_was_asked_for_and_never_done_is_named(kind, outcome):
    (told,) = never_done(asked(kind, OFTEN, outcome).operations)
    assert told == f"{kind}: asked for {OFTEN} times, never once done (nope)"
    assert never_done(asked(kind, OFTEN, "ok").operations) == []


def test_a_kind_that_was_hardly_asked_for_may_have_been_refused():
    assert never_done(asked("pay", OFTEN - 1).operations) == []


def test_in_a_long_run_a_kind_that_was_never_asked_for_is_named_too():
    long = asked("place", LONG, "ok").operations
    assert never_done(long, ["place", "pay"]) == ["pay: asked for 0 times, never once done"]


def test_the_kinds_of_the_load_are_those_that_are_judged():
    assert kinds_of(MIX) == KINDS
    assert all(hasattr(Load, f"_{action}") for action in MIX)
