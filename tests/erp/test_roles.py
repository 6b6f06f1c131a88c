"""What the application's database role cannot do, whatever the code asks."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.utils import DatabaseError

from tests.conftest import order_body

pytestmark = pytest.mark.django_db

LEDGERS = (
    "inventory_stockmovement", "orders_orderevent", "orders_decision", "orders_paymentevent",
    "erp_event", "erp_historyentry", "fulfillment_trackingevent",
)  # fmt: skip


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("table", [*LEDGERS, "inventory_stocklevel"])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE {t} SET id = id",
        "DELETE FROM {t}",
        "TRUNCATE {t}",
        "TRUNCATE {t} CASCADE",
        "ALTER TABLE {t} DISABLE TRIGGER ALL",
        "DROP TABLE {t}",
    ],
)
def test_ledgers_and_levels_cannot_be_rewritten(api, table, sql):
    api.post("orders", order_body())
    if table == "inventory_stocklevel":
        sql = sql.replace("id = id", "on_hand = 9999")

    assert refused(sql.format(t=table))


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO inventory_stocklevel VALUES (1, 1, 9, 0, 0)",
        "SELECT inventory_add('on_hand', ARRAY[ROW(1, 1, 100)::inventory_change])",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (id int)",
        "DELETE FROM inventory_reservation",
        "DELETE FROM erp_actor",
        "SET ROLE throughline_owner",
    ],
)
def test_no_way_round_them(api, sql):
    api.post("orders", order_body())

    assert refused(sql)


def test_even_the_owner_cannot_change_a_ledger_by_mistake(api):
    from tests.conftest import owner_cursor

    with owner_cursor() as cursor, pytest.raises(Exception, match="is kept"):
        cursor.execute("DELETE FROM orders_orderevent")


def test_the_refusal_is_about_privilege(db):
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE inventory_stocklevel SET on_hand = 1")
