"""Which rows a transaction has locked, and in which order: PostgreSQL is asked after every statement.

A row that a transaction has locked or written carries the transaction's id, as `xmax` or `xmin`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection

# The order of docs/adr/0013: each table that verbs lock, and what its rows are sorted by.
ORDER = {"orders_order": "id"}
# Rows of one order. Whoever writes them has locked the order, so nobody waits for them.
GUARDED = {
    "returns_returnauthorization": "id",
    "returns_returnline": "id",
    "returns_refund": "id",
    "fulfillment_fulfillmentorder": "id",
    "fulfillment_fulfillmentline": "id",
    "fulfillment_parcel": "id",
    "orders_orderline": "id",
    "orders_hold": "id",
    "orders_payment": "id",
    "orders_ordermove": "id",
}
# Rows that others refer to: a foreign key's check locks them, too, though only against being deleted. Of these a
# statement counts that says FOR UPDATE.
ASKED = {
    "erp_actor": "id",
    "inventory_supplier": "id",
}
# Rows of many orders, which is where transactions meet.
SHARED = {
    **ASKED,
    "orders_customer": "id",
    "orders_promotion": "id",
    "orders_coupon": "id",
    "inventory_stocklevel": "sku_id, warehouse_id, part",
    "inventory_reservation": "id",
    "inventory_allotment": "id",
    "inventory_binlevel": "sku_id, place_id, lot_id",
    "inventory_skucost": "sku_id",
    "orders_invoicecounter": "year",
}
TABLES = ORDER | GUARDED | SHARED
PLACES = {table: place for place, table in enumerate(TABLES)}
ALL = "SELECT '{0}', ARRAY[{1}]::bigint[] FROM {0}"
# A savepoint's id is greater than its transaction's; nobody else writes while a test looks.
HELD = (
    f"{ALL} WHERE greatest(xmin::text::bigint, xmax::text::bigint)"
    " >= pg_current_xact_id_if_assigned()::text::bigint"
)


class Lock(NamedTuple):
    """A row, so that locks compare as they are to be taken."""

    place: int
    key: tuple[int, ...]
    table: str


class Recorder:
    """The locks of each transaction, by the statement that took them; rows that it made are left out."""

    def __init__(self) -> None:
        self.transactions: list[list[tuple[str, list[Lock]]]] = []
        self._outermost: object = None
        self._known: set[Lock] = set()
        self._there: set[Lock] = set()

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if not connection.in_atomic_block:
            return execute(sql, params, many, context)
        if connection.atomic_blocks[0] is not self._outermost:
            self._outermost = connection.atomic_blocks[0]
            self._known, self._there = set(), _rows(ALL)
            self.transactions.append([])
        answer = execute(sql, params, many, context)
        found = {
            lock
            for lock in (_rows(HELD) & self._there) - self._known
            if lock.table not in ASKED or (lock.table in sql and "UPDATE" in sql)
        }
        self._known |= found
        if found:
            self.transactions[-1].append((" ".join(str(sql).split())[:100], sorted(found)))
        return answer


def _rows(query: str) -> set[Lock]:
    parts = [query.format(table, keys) for table, keys in TABLES.items()]
    with connection.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return {Lock(PLACES[table], tuple(key), table) for table, key in cursor.fetchall()}


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Watch what this connection locks."""
    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        yield recorder


def breaches(transaction: list[tuple[str, list[Lock]]]) -> list[str]:
    """Where a transaction has locked something too late, each with the statement that did.

    What one statement locks is taken to be in order: its SQL says ORDER BY.
    """
    found: list[str] = []
    taken: list[Lock] = []  # but for guarded rows
    for sql, locks in transaction:
        for lock in locks:
            if lock.table in GUARDED:
                if not any(before.table in ORDER for before in taken):
                    found.append(f"{lock.table} {lock.key} without its order: {sql}")
                continue
            if taken and lock < max(taken):
                last = max(taken)
                found.append(f"{lock.table} {lock.key} after {last.table} {last.key}: {sql}")
            taken.append(lock)
    return found
