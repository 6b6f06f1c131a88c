"""A row of periodic work that raises stops no other, is counted, and fails its schedule."""

import psycopg2
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection

from erp.metrics import tally
from erp.rounds import RowsFailed, by_rows


def counted() -> float:
    return tally.totals().get(("rows_failed", "test"), 0)


@pytest.mark.parametrize("poison", [{1}, {5}, {1, 2, 3, 4, 5}, set()])
@pytest.mark.django_db
def test_the_others_are_done(poison):
    done, before = [], counted()

    def do(row: int) -> None:
        if row in poison:
            raise ValueError(f"{row} of somebody@example.com")
        done.append(row)

    def round_() -> None:
        with by_rows("test") as turn:
            turn.each([1, 2, 3, 4, 5], do)

    if poison:
        with pytest.raises(RowsFailed) as told:
            round_()
        assert str(told.value) == f"{len(poison)}, the first: ValueError"
    else:
        round_()
    assert done == [row for row in range(1, 6) if row not in poison]
    assert counted() - before == len(poison)


def test_what_stays_due_hides_nothing_behind_it_and_is_tried_once():
    asked = []

    def find(*, but: set[int]) -> list[int]:
        return [row for row in range(10) if row not in but][:3]

    def do(row: int) -> None:
        asked.append(row)
        if row < 4:
            raise ValueError

    with pytest.raises(RowsFailed), by_rows("test") as turn:
        turn.all(find, do)
    assert asked == list(range(10))


def test_a_round_ends_with_its_time():
    with by_rows("test", seconds=0) as turn:
        turn.all(lambda but: [1], lambda _row: pytest.fail("there is no time"))


def test_a_task_that_is_told_to_stop_stops():
    done = []

    def do(row: int) -> None:
        done.append(row)
        raise SoftTimeLimitExceeded

    with pytest.raises(SoftTimeLimitExceeded), by_rows("test") as turn:
        turn.each([1, 2], do)
    assert done == [1]


@pytest.mark.django_db
def test_a_database_that_is_gone_is_no_rows_failure(monkeypatch):
    monkeypatch.setattr(connection, "is_usable", lambda: False)

    def do(row: int) -> None:
        raise OperationalError from psycopg2.OperationalError()

    with pytest.raises(OperationalError), by_rows("test") as turn:
        turn.each([1, 2], do)
