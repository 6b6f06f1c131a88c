"""What the application's database role cannot do, whatever the code asks."""

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.utils import DatabaseError

from tests.conftest import order_body

pytestmark = pytest.mark.django_db

LEDGERS = (
    "inventory_stockmovement",
    "orders_orderevent",
    "orders_decision",
    "orders_paymentevent",
    "erp_event",
    "erp_historyentry",
    "fulfillment_trackingevent",
    "inventory_costentry",
    "inventory_serialstep",
)
LEVELS = ("inventory_stocklevel", "inventory_binlevel", "inventory_skucost")


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE {t} SET {c}",
        "DELETE FROM {t}",
        "TRUNCATE {t}",
        "TRUNCATE {t} CASCADE",
        "ALTER TABLE {t} DISABLE TRIGGER ALL",
        "DROP TABLE {t}",
    ],
)
def test_ledgers_and_levels_cannot_be_rewritten(api, sql):
    api.post("orders", order_body())
    changes = dict.fromkeys(LEVELS, "on_hand = 9999")
    changes |= {"inventory_skucost": "quantity = 9999"} | dict.fromkeys(LEDGERS, "id = id")
    for table, change in changes.items():
        assert refused(sql.format(t=table, c=change)), table


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO inventory_stocklevel VALUES (1, 1, 0, 9, 0, 0)",
        "SELECT inventory_add_on_hand(ARRAY[ROW(1, 1, 0, 100)::inventory_part_change])",
        "SELECT inventory_add_reserved(ARRAY[ROW(1, 1, 0, -1)::inventory_part_change])",
        "SELECT inventory_add_incoming(ARRAY[ROW(1, 1, 0, 9)::inventory_part_change])",
        "SELECT inventory_add_to_bins(ARRAY[ROW(1, 1, 0, 9)::inventory_bin_change])",
        "SELECT inventory_value(ARRAY[1]::bigint[])",
        "INSERT INTO inventory_binlevel VALUES (1, 1, 0, 9)",
        "INSERT INTO inventory_skucost VALUES (1, 9, 9)",
        "INSERT INTO inventory_costentry SELECT * FROM inventory_costentry",
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
