"""A connection that the database ended while nobody used it costs no request an answer; an outage is a 503."""

import pytest
from django.core.signals import request_started
from django.db import OperationalError, connection
from django.test import Client

from erp.lost_connections import has_ended
from erp.web import problem_views

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def idle():
    """A connection of this thread that waits for its next request; another one of the same role beside it."""
    connection.ensure_connection()
    other = connection.copy()
    yield other
    other.close()
    connection.close()


def end(other) -> None:
    """What a restart of the server does to an idle connection."""
    pid = connection.connection.info.backend_pid
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT pg_sleep(0.2)")


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/track/", "/accounts/login/", "/orders/"])
def test_the_first_request_after_a_restart_is_answered(sign_in, idle, path):
    """Each idle thread of the web answered one page by 500."""
    browser = sign_in("owner")
    before = browser.get(path).status_code
    end(idle)
    request_started.send(
        sender=None
    )  # as the server does; the test client leaves connections alone
    assert browser.get(path).status_code == before


def test_one_that_is_there_is_kept(idle):
    raw = connection.connection
    assert not has_ended(raw)
    request_started.send(sender=None)
    assert connection.connection is raw


def test_a_page_without_a_database_is_503_and_says_when_to_ask_again(monkeypatch):
    def gone(*_given):
        raise OperationalError("the database system is shutting down")

    connection.close()
    monkeypatch.setattr(connection, "connect", gone)
    answer = Client(raise_request_exception=False).get("/track/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")


def test_another_failure_stays_500(rf):
    try:
        raise ValueError("ours")
    except ValueError:
        answer = problem_views.server_error(rf.get("/"))
    assert answer.status_code == 500
