"""Enlarges the demo by copying finished orders to other customers and days, in sets."""

from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db import connection, transaction

from demo.catalogue import ENGLISH, GIVEN, SURNAMES
from erp.access.models import Actor
from erp.search import phone_words, words
from inventory.stock.actions.ledger import Change
from inventory.stock.actions.receive import receive_stock
from orders.customers.search import customer_words

STATEMENTS = (Path(__file__).parent / "sql/repeat.sql").read_text()
# What the repeated orders will ship, by warehouse: it has to come in first.
NEEDED = """
    SELECT r.warehouse_id, r.sku_id, sum(r.quantity)
    FROM again_line g JOIN inventory_reservation r ON r.holder_kind = 'order_line' AND r.holder_id = g.old
    WHERE r.status = 'consumed' GROUP BY 1, 2 ORDER BY 1, 2
"""


@transaction.atomic(savepoint=False)
def repeat_orders(
    *,
    copies: int,
    serial: int,
    seed: int,
    since: datetime,
    until: datetime,
    by: Actor,
    now: datetime,
) -> None:
    """Make `copies` finished orders from the demo's own, with every row a finished order has.

    serial          how many orders there are already; numbers the new ones
    since, until    the period their lives fall into, by whole weeks
    The goods come in at `since`, as one receipt a warehouse.
    """
    facts: dict[str, int | datetime | list[str]] = {
        "copies": copies,
        "serial": serial,
        "salt": seed * 1_000_003 + serial,
        "since": since,
        "until": until,
        "surnames": list(SURNAMES),
        "given": list(GIVEN),
        "english": list(ENGLISH),
    }
    before, marker, after = STATEMENTS.partition("-- The goods have come in by now.")
    assert marker
    with connection.cursor() as cursor:
        cursor.execute(before, facts)
        cursor.execute(NEEDED)
        needed: dict[int, list[Change]] = defaultdict(list)
        for warehouse, sku, units in cursor.fetchall():
            needed[warehouse].append(Change(sku, units))
        for warehouse, changes in needed.items():
            receive_stock(
                warehouse_id=warehouse,
                changes=changes,
                reference=f"PO-D{serial}-{warehouse}",
                by=by,
                now=since - timedelta(hours=1),
            )
        cursor.execute(after, facts)
    _make_findable()


def _make_findable() -> None:
    """Write what the new orders and customers are found by; the words are made in Python."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id, o.number, o.external_id, a.name, a.email, a.phone, o.placed_at,"
            " array_agg(DISTINCT l.sku_code) FROM again_order a JOIN orders_order o ON o.id = a.id"
            " JOIN orders_orderline l ON l.order_id = a.id GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1"
        )
        found = [
            {
                "order_id": pk,
                "placed_at": at,
                "words": [
                    *words(number, external, name, email.partition("@")[0], *skus),
                    email,
                    *phone_words(phone),
                ],
            }
            for pk, number, external, name, email, phone, at, skus in cursor.fetchall()
        ]
        cursor.execute(
            "INSERT INTO orders_ordersearch (order_id, placed_at, words)"
            " SELECT order_id, placed_at, array_to_tsvector(words) FROM jsonb_to_recordset(%s::jsonb)"
            " AS s(order_id bigint, placed_at timestamptz, words text[])",
            [msgspec.json.encode(found).decode()],
        )
        cursor.execute(
            "SELECT p.id, c.name, p.email, p.phone FROM again_person p JOIN orders_customer c ON c.id = p.id"
        )
        people = [
            {"id": pk, "words": customer_words(name, email, phone)}
            for pk, name, email, phone in cursor.fetchall()
        ]
        cursor.execute(
            "UPDATE orders_customer c SET words = array_to_tsvector(s.words)"
            " FROM jsonb_to_recordset(%s::jsonb) AS s(id bigint, words text[]) WHERE s.id = c.id",
            [msgspec.json.encode(people).decode()],
        )
