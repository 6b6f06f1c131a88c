"""Rehearses rules on a real wholesaler's year, then runs them and compares the results.

The UCI Online Retail invoices (`../shared/data`) are placed as orders without any rule; each draft is
rehearsed on them; then the rules are put in force and the same invoices come once more, from customers
that are new again, with the same stock. Which orders each rule applied to and held must be the same.
"""

import itertools
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bench.product import fresh_product
from bench.replay import DATA
from bench.trade import open_trade

if TYPE_CHECKING:
    from erp.access.models import Actor, Channel

CHUNK = 500
EVERYTHING = 10**9


# A test {"field", "op", "value"}, or several below "all", "any" or "not".
Condition: TypeAlias = dict[str, object]


def ask(name: str, op: str, value: object) -> Condition:
    """One test of a condition."""
    return {"field": name, "op": op, "value": value}


RULES: dict[str, tuple[Condition, dict[str, object]]] = {
    "dear": (ask("total", "gte", "500"), {"hold": "review", "tags": ["dear"]}),
    "abroad": (
        {"all": [ask("country", "not_in", ["GB", "IE"]), ask("units", "gt", "200")]},
        {"hold": "address"},
    ),
    "first": (
        {"all": [ask("customer_is_new", "is", True), ask("lines", "gte", "20")]},
        {"second_review": True, "flag": "blue"},
    ),
    "short": (
        {"any": [ask("backordered", "is", True), ask("largest_line", "gte", "1000")]},
        {"hold": "stock"},
    ),
    "hearts": (
        {
            "all": [
                ask("skus", "any", ["85123A", "84879"]),
                {"not": [ask("customer_orders", "lt", "3")]},
            ]
        },
        {"tags": ["hearts"], "stop": True},
    ),
}


@dataclass
class Compared:
    """What was foretold and what happened, as positions of orders in the file by rule."""

    orders: int = 0
    foretold: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    happened: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    rehearsing_s: float = 0.0  # the longest
    placing_s: float = 0.0
    left_a_trace: bool = False


def invoices(
    folder: Path, days: int | None
) -> Iterator[tuple[str, datetime, str, str, list[tuple[str, int, Decimal]]]]:
    """Invoices that sell something: (number, when, customer, country, [(SKU, units, unit price)])."""
    from erp.files import RawRow, read_rows

    files: set[str] = set()
    rows = (r for r in read_rows(folder / "by-day-csv.tar.zst") if isinstance(r, RawRow))
    for number, group in itertools.groupby(rows, key=lambda row: row.cells[0]):
        cells = []
        for row in group:
            files.add(row.file)
            cells.append(row.cells)
        if days is not None and len(files) > days:
            return
        lines = [
            (c[1], int(c[3]), Decimal(c[5])) for c in cells if int(c[3]) > 0 and Decimal(c[5]) > 0
        ]
        if lines:
            at = datetime.fromisoformat(cells[0][4]).replace(tzinfo=UTC)
            yield number, at, cells[0][6], cells[0][7], lines


def footprint() -> tuple[dict[str, int], list[tuple[str, int]]]:
    """Row counts of every table, and every sequence."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
        )
        counts = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
        return counts, cursor.fetchall()


def compare(*, days: int | None = None, folder: Path = DATA) -> Compared:
    """Place, rehearse, put in force, place again; the database is the caller's."""
    from erp.once import perform
    from orders.rehearsal.rules import rehearse
    from orders.review.actions.rules import activate_rule, write_rule
    from orders.review.rulebook import compiled

    year = list(invoices(folder, days))
    by, channel, stock = _business(year)
    done = Compared(orders=len(year))
    now = datetime.now(UTC)
    began = time.perf_counter()
    first = _place_all(year, "a", channel, by, now, stock)
    done.placing_s = time.perf_counter() - began
    position = {number: n for n, number in enumerate(first)}
    drafts = {
        code: perform(write_rule, code=code, name=code, condition=tree, by=by, now=now, **does)
        for code, (tree, does) in RULES.items()
    }
    before = footprint()
    for code, draft in drafts.items():
        began = time.perf_counter()
        told = rehearse(
            compiled(draft),
            [],
            since=year[0][1] - timedelta(days=1),
            until=now,
            shown=EVERYTHING,
        )
        done.rehearsing_s = max(done.rehearsing_s, time.perf_counter() - began)
        done.foretold[code] = {
            name: {position[n] for n in getattr(told, name).numbers}
            for name in ("matched", "newly_held", "newly_marked")
        }
    done.left_a_trace = footprint() != before

    for code, draft in drafts.items():
        perform(activate_rule, revision_id=draft.pk, by=by, now=datetime.now(UTC))
        again = _place_all(year, code, channel, by, datetime.now(UTC), stock)
        position = {number: n for n, number in enumerate(again)}
        done.happened[code] = _happened(code, draft.version, position)
        _retire(draft.rule_id, by)
    return done


def _happened(code: str, version: int, position: dict[str, int]) -> dict[str, set[int]]:
    """The orders that a rule in force applied to, held and marked, by their position in the file."""
    from orders.models import Decision, Order

    new = Order.objects.filter(number__in=list(position))
    judged = Decision.objects.filter(order__in=new, kind="rules")
    return {
        "matched": {
            position[number]
            for number, outcome in judged.values_list("order__number", "outcome")
            if [code, version] in outcome["matched"]
        },
        "newly_held": {
            position[n] for n in new.filter(open_holds__gt=0).values_list("number", flat=True)
        },
        "newly_marked": {
            position[number]
            for number, tags, flag in new.values_list("number", "tags", "flag")
            if tags or flag
        },
    }


def _retire(rule_id: int, by: "Actor") -> None:
    from erp.once import perform
    from orders.review.actions.rules import deactivate_rule

    perform(deactivate_rule, rule_id=rule_id, by=by, now=datetime.now(UTC))


def _business(year: list) -> tuple["Actor", "Channel", Callable[[str], None]]:
    """A channel that takes back-orders, a price for every SKU, and how to fill the one warehouse."""
    from erp.once import perform
    from inventory.stock.actions.ledger import Change
    from inventory.stock.actions.receive import receive_stock

    price: dict[str, Decimal] = {}
    units: dict[str, int] = {}
    for _number, _at, _customer, _country, lines in year:
        for code, quantity, amount in lines:
            price.setdefault(code, amount)
            units[code] = units.get(code, 0) + quantity
    exact = {code: amount.quantize(Decimal("0.01")) for code, amount in price.items()}
    by, channel, warehouse, skus = open_trade(exact, duplicate_minutes=0)

    def fill(reference: str) -> None:
        """Nine tenths of what the year asks for: the last of each SKU is short."""
        changes = [Change(s.pk, n) for s in skus if (n := units[s.code] * 9 // 10)]
        perform(
            receive_stock,
            warehouse_id=warehouse.pk,
            changes=changes,
            reference=reference,
            by=by,
            now=datetime.now(UTC),
        )

    return by, channel, fill


def _place_all(
    year: list,
    suffix: str,
    channel: "Channel",
    by: "Actor",
    now: datetime,
    fill: Callable[[str], None],
) -> list[str]:
    """Place every invoice from customers of its own; the orders' numbers, in the file's order."""
    from erp.once import perform
    from orders.customers.contacts import Address, Buyer
    from orders.customers.countries import country_code
    from orders.placement.actions.place import place_orders
    from orders.placement.incoming import IncomingLine, IncomingOrder, IncomingPayment

    fill(f"opening-{suffix}")
    numbers: list[str] = []
    for start in range(0, len(year), CHUNK):
        part = year[start : start + CHUNK]
        orders = [
            IncomingOrder(
                external_id=f"{number}-{start + n}-{suffix}",
                currency="GBP",
                customer=Buyer("Trade", f"{customer or number}-{suffix}@trade.example"),
                shipping_address=Address(
                    "Trade", "1 Road", country_code(country) or "GB", city="London"
                ),
                lines=[IncomingLine(code, units) for code, units, _price in lines],
                shipping_service="standard",
                payment=IncomingPayment("cod"),
            )
            for n, (number, _at, customer, country, lines) in enumerate(part)
        ]
        placed = perform(
            place_orders,
            incoming=orders,
            channel=channel,
            by=by,
            now=now,
            placed_at=[at for _n, at, _c, _l, _x in part],
        )
        for outcome in placed:
            if outcome.refusal:
                raise SystemExit(
                    f"refused: {outcome.refusal!r} {getattr(outcome.refusal, 'errors', '')}"
                )
            numbers.append(outcome.number)
    return numbers


def wrong_of(done: Compared) -> list[str]:
    """What did not come as foretold; nothing when it proves itself."""
    found = ["the rehearsal left a trace"] if done.left_a_trace else []
    return found + [
        f"{code}: {what}: foretold {len(there)}, happened {len(done.happened[code][what])},"
        f" {len(there ^ done.happened[code][what])} differ"
        for code, told in done.foretold.items()
        for what, there in told.items()
        if there != done.happened[code][what]
    ]


def report() -> None:
    """Compare the whole year in this database and print what came of it."""
    done = compare()
    wrong = wrong_of(done)
    print(
        f"{done.orders:,} orders placed in {done.placing_s:.0f} s; a rule rehearsed on them in {done.rehearsing_s:.1f} s"
    )
    for code, told in done.foretold.items():
        print(
            f"  {code}: applies to {len(told['matched']):,}, holds {len(told['newly_held']):,}, marks {len(told['newly_marked']):,}"
        )
    print(
        "; ".join(wrong)
        or "what was foretold is what happened, order by order; the rehearsal left no trace"
    )
    if wrong:
        sys.exit(1)


def main() -> None:
    """The whole year, in a database of its own."""
    if not DATA.exists():
        print("The Online Retail days are not beside this checkout: nothing to rehearse.")
        return
    with fresh_product() as product:
        product.show_shell("from bench.rehearsing import report; report()")


if __name__ == "__main__":
    main()
