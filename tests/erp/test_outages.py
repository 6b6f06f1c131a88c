"""A database that is not there is 503, however its client says so; a statement that is wrong is 500."""

import psycopg2
import psycopg2.errors
import pytest
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection
from django.db.utils import InternalError

from erp.api.problems import is_outage

pytestmark = pytest.mark.django_db


def caused(kind, cause):
    """An error as Django raises it for one of psycopg2's."""
    error = kind(str(cause))
    error.__cause__ = cause
    return error


class Stated(psycopg2.InternalError):
    """psycopg2's error with a SQLSTATE, which only a server sets."""

    pgcode = ""


def stated(code):
    return caused(InternalError, type("Said", (Stated,), {"pgcode": code})("said"))


MIDDLE = "error with status PGRES_TUPLES_OK and no message from the libpq"
OUTAGES = [
    caused(OperationalError, psycopg2.errors.AdminShutdown("terminated")),
    caused(InterfaceError, psycopg2.InterfaceError("connection already closed")),
    caused(DatabaseError, psycopg2.DatabaseError(MIDDLE)),
    stated("25006"),  # read_only_sql_transaction: it has become a standby
    stated("25P03"),  # idle_in_transaction_session_timeout: our process was frozen
]
FAULTS_OF_OURS = [
    caused(ProgrammingError, psycopg2.errors.UndefinedTable("no such table")),
    stated("25P02"),  # in_failed_sql_transaction: we went on after an error
]


class Breaks:
    """Raises at a statement that is told by a part of it, so many times."""

    def __init__(self, error, part, times) -> None:
        self.error, self.part, self.times = error, part, times

    def __call__(self, execute, sql, params, many, context):
        if self.part in sql and self.times:
            self.times -= 1
            raise self.error
        return execute(sql, params, many, context)


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_a_database_that_is_not_there_is_503(api, error):
    with connection.execute_wrapper(Breaks(error, "orders_order", 1)):
        answer = api.get("orders")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer["Retry-After"] == "2"


@pytest.mark.parametrize("error", FAULTS_OF_OURS, ids=repr)
def test_a_fault_of_ours_is_500(api, error):
    with connection.execute_wrapper(Breaks(error, "orders_order", 1)):
        answer = api.get("orders")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert not is_outage(error)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_a_connection_that_was_lost_since_its_last_use_is_opened_anew(api, error):
    with connection.execute_wrapper(Breaks(error, "erp_actor_of_key", 1)):
        assert api.get("orders").status_code == 200
