"""A run goes on until there are orders enough and nothing of before waits, and says how long it did."""

import time
from types import SimpleNamespace

import pytest

from faults import runs
from faults.load import Load
from faults.seed import Keys


class World:
    """A product in which something of before waits for so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def mark(self) -> dict[str, int]:
        return {"event": 7}

    def due_before(self, mark: dict[str, int]) -> int:
        assert mark == {"event": 7}
        self.looks -= 1
        return max(0, self.looks)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Half a second a look, without waiting for it."""
    now = SimpleNamespace(at=100.0)

    def sleep(seconds: float) -> None:
        now.at += seconds

    fake = SimpleNamespace(sleep=sleep, monotonic=lambda: now.at)
    monkeypatch.setattr(runs, "time", fake)
    return now


def test_what_waits_is_measured_while_clients_work_on(clock):
    load = SimpleNamespace(placed=50)
    assert runs._worked_on(World(9), load, pause=1.0, orders=50) == 4.0
    assert clock.at == 104.0


def test_clients_work_on_until_there_are_orders_enough(clock):
    load = SimpleNamespace(placed=49)
    assert runs._worked_on(World(1), load, pause=1.0, orders=50) == 0.0
    assert clock.at == 100.0 + runs.REACH_S


def test_what_never_empties_waits_for_ever():
    load = SimpleNamespace(placed=50)
    assert runs._worked_on(World(10**6), load, pause=1.0, orders=50) == float("inf")


def test_clients_that_are_told_of_a_crowd_place_no_more_at_once(monkeypatch):
    load = Load(1, journal=None, keys=Keys("", ""))
    load.is_crowded = True
    client = SimpleNamespace(perform_all=lambda *_a, **_k: pytest.fail("placed many"))
    began = time.monotonic()
    load._bulk(client)
    assert time.monotonic() - began >= 0.1
    load.is_crowded, client.perform_all = False, lambda *_a, **_k: [{"number": "R1"}] * 3
    load._bulk(client)
    assert (load.placed, load.acknowledged) == (3, 3)
