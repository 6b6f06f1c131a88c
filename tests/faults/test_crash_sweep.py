"""Placing fails, or its process dies, at the Nth statement, for every N: exactly one order after a retry."""

import os

import pytest
from django.db import OperationalError, connection

from inventory.models import StockLevel
from orders.models import Order, PaymentEvent
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 30


class Fails:
    """Raises before the Nth statement of a request, as a lost connection would."""

    def __init__(self, nth: int) -> None:
        self.nth, self.seen = nth, 0

    def __call__(self, execute, sql, params, many, context):
        self.seen += 1
        if self.seen == self.nth:
            raise OperationalError("the server went away")
        return execute(sql, params, many, context)


def counts() -> tuple[int, int, int]:
    reserved = sum(StockLevel.objects.values_list("reserved", flat=True))
    return Order.objects.count(), PaymentEvent.objects.count(), reserved


def test_a_failure_at_every_statement_leaves_all_or_nothing(api, laws_hold):
    sweeps = 0
    for nth in range(1, MOST):
        body, key = order_body(), f"sweep-{nth}"
        before = counts()
        fails = Fails(nth)
        with connection.execute_wrapper(fails):
            answer = api.post("orders", body, key=key)
        if fails.seen < nth:
            break
        sweeps += 1
        assert answer.status_code in {201, 503}, answer.content
        if answer.status_code == 503:
            assert counts() == before

        retried = api.post("orders", body, key=key)

        assert retried.status_code == 201
        assert counts() == (before[0] + 1, before[1] + 2, before[2] + 3)
        laws_hold()
    assert sweeps >= 4


def test_a_kill_at_every_statement_leaves_all_or_nothing(api, laws_hold):
    """The child process dies without a word; the server rolls its transaction back."""
    sweeps = 0
    for nth in range(1, MOST):
        body, key = order_body(), f"kill-{nth}"
        before = counts()
        connection.close()
        child = os.fork()
        if child == 0:
            _die_at(api, body, key, nth)
        _pid, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            break
        sweeps += 1

        retried = api.post("orders", body, key=key)

        assert retried.status_code in {200, 201}, retried.content
        assert counts() == (before[0] + 1, before[1] + 2, before[2] + 3)
    laws_hold()
    assert sweeps >= 4


def _die_at(api, body, key, nth) -> None:
    # After a browser test in this process Django keeps the connection that we closed apart from
    # another one, which the child would share with us; its locks would outlive it.
    connection.connection = None
    seen = 0

    def kill(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen == nth:
            os._exit(137)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(kill):
        api.post("orders", body, key=key)
    os._exit(0)


def test_an_answer_that_was_lost_is_given_again(api):
    """The commit happened, the answer did not arrive: the retry with the key gets it."""
    body = order_body()
    first = api.post("orders", body, key="lost")

    again = api.post("orders", body, key="lost")

    assert again.content == first.content
    assert Order.objects.count() == 1
