"""Replays a real wholesaler's days with just enough stock, then with half of it.

The UCI Online Retail days (`../shared/data`): every invoice is placed as an order and shipped, every
cancelling line comes back to the shelf, every write-off is an adjustment, in the order of the file.
Opened with the least stock that suffices, every SKU must end with the file's closing stock; opened
with half, what was shipped and what is back-ordered must add up to what was ordered.
"""

import csv
import itertools
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from bench.product import fresh_product
from bench.trade import open_trade

if TYPE_CHECKING:
    from erp.access.models import Actor, Channel

OPENED = datetime(2010, 12, 1, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[2] / "shared/data/transactions/online-retail"


@dataclass
class Replayed:
    """The result of a replay, by SKU code, in units."""

    opening: dict[str, int]
    ordered: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    expected: dict[str, int] = field(default_factory=dict)  # closing, if everything could leave
    closing: dict[str, int] = field(default_factory=dict)
    shipped: dict[str, int] = field(default_factory=dict)
    backordered: dict[str, int] = field(default_factory=dict)
    invoices: int = 0
    lines: int = 0
    not_taken: int = 0  # units of write-offs for which nothing free was left
    seconds: float = 0.0


def openings(folder: Path = DATA) -> dict[str, tuple[int, int]]:
    """Opening and closing stock by SKU code."""
    with (folder / "replay_opening_and_closing_stock.csv").open() as stream:
        return {
            row["StockCode"]: (
                int(row["opening_stock_needed"]),
                int(row["closing_if_opened_with_that"]),
            )
            for row in csv.DictReader(stream)
        }


def documents(folder: Path, skus: set[str], days: int | None) -> Iterator[tuple[str, list]]:
    """Invoices as (number, [(SKU code, units)]) in the file's order."""
    from erp.files import RawRow, read_rows

    files: dict[str, None] = {}
    rows = (r for r in read_rows(folder / "by-day-csv.tar.zst") if isinstance(r, RawRow))
    for number, lines in itertools.groupby(rows, key=lambda row: row.cells[0]):
        known = [(r.cells[1], int(r.cells[3]), r.file) for r in lines]
        files |= dict.fromkeys(name for _code, _units, name in known)
        if days is not None and len(files) > days:
            return
        moves = [(code, units) for code, units, _name in known if code in skus and units]
        if moves:
            yield number, moves


def replay(*, share: float = 1.0, days: int | None = None, folder: Path = DATA) -> Replayed:
    """Open with `share` of the stock needed, then replay; the database is the caller's."""
    from erp.once import perform
    from inventory.stock.actions.adjust import adjust_stock
    from inventory.stock.actions.ledger import Change
    from inventory.stock.actions.receive import receive_stock

    stock = openings(folder)
    by, channel, warehouse, skus = open_trade(dict.fromkeys(stock, Decimal(1)))
    ids = {sku.code: sku.pk for sku in skus}
    now = OPENED
    done = Replayed(opening={code: int(needed * share) for code, (needed, _c) in stock.items()})
    done.expected = dict(done.opening)
    filled = [Change(ids[code], units) for code, units in done.opening.items() if units]
    perform(
        receive_stock,
        warehouse_id=warehouse.pk,
        changes=filled,
        reference="opening",
        by=by,
        now=now,
    )
    began = time.perf_counter()
    seen: dict[str, int] = defaultdict(int)
    for number, moves in documents(folder, set(ids), days):
        done.invoices += 1
        done.lines += len(moves)
        sums: dict[str, int] = defaultdict(int)
        for code, units in moves:
            done.expected[code] -= units
            sums[code] += units
        if all(units > 0 for _code, units in moves):
            seen[number] += 1
            name = f"{number}-{seen[number]}" if seen[number] > 1 else number
            for code, units in moves:
                done.ordered[code] += units
            _sell(name, moves, channel, by, now)
            continue
        changes = [Change(ids[code], -units) for code, units in sorted(sums.items()) if units]
        done.not_taken += _adjust(adjust_stock, warehouse.pk, changes, number, by, now)
        if share < 1:
            _fill({ids[code] for code, units in sums.items() if units < 0}, by, now)
    _close(done, ids)
    done.seconds = time.perf_counter() - began
    return done


def _close(done: Replayed, skus: Iterable[str]) -> None:
    """Note what there is in the end, and what was shipped and waits."""
    from django.db.models import Sum

    from inventory.models import StockLevel
    from orders.models import OrderLine

    levels = StockLevel.objects.values_list("sku__code").annotate(n=Sum("on_hand"))
    done.closing = dict.fromkeys(skus, 0) | dict(levels)
    rows = OrderLine.objects.values_list("sku_code").annotate(
        s=Sum("quantity_shipped"), b=Sum("quantity_backordered")
    )
    for code, shipped, waiting in rows:
        done.shipped[code], done.backordered[code] = shipped, waiting


def _sell(
    number: str, moves: list[tuple[str, int]], channel: "Channel", by: "Actor", now: datetime
) -> None:
    from erp.once import perform
    from fulfillment.shipping.actions import ship_order
    from orders.customers.contacts import Address, Buyer
    from orders.placement.actions.place import place_order
    from orders.placement.incoming import IncomingLine, IncomingOrder, IncomingPayment

    incoming = IncomingOrder(
        external_id=number,
        currency="GBP",
        customer=Buyer("Trade", "trade@example.com"),
        shipping_address=Address("Trade", "1 Road", "GB", city="London", postal_code="N1 9GU"),
        lines=[IncomingLine(code, units) for code, units in moves],
        shipping_service="standard",
        payment=IncomingPayment("cod"),
    )
    placed = perform(place_order, incoming=incoming, channel=channel, by=by, now=now)
    if any(line["quantity_reserved"] for line in placed.lines):
        perform(ship_order, order_id=placed.row["id"], by=by, now=now)


def _adjust(
    action: Callable[..., object],
    warehouse_id: int,
    changes: list,
    number: str,
    by: "Actor",
    now: datetime,
) -> int:
    """Adjust; units that are not free any more are left and returned."""
    from erp.once import perform
    from inventory.stock.actions.ledger import Change, OutOfStock

    arguments: dict[str, object] = {
        "warehouse_id": warehouse_id,
        "reason": number,
        "by": by,
        "now": now,
    }
    if not changes:
        return 0
    try:
        perform(action, changes=changes, **arguments)
    except OutOfStock as refusal:
        from inventory.models import Sku

        missing = {
            pk: refusal.short[code]
            for pk, code in Sku.objects.filter(code__in=refusal.short).values_list("pk", "code")
        }
        left = [
            Change(c.sku_id, min(0, c.quantity + missing.get(c.sku_id, 0))) if c.quantity < 0 else c
            for c in changes
        ]
        left = [c for c in left if c.quantity]
        if left:
            perform(action, changes=left, **arguments)
        return sum(missing.values())
    return 0


def _fill(sku_ids: set[int], by: "Actor", now: datetime) -> None:
    """What the relay does by itself when goods come: fill, plan, and the warehouse ships."""
    from erp.once import perform
    from fulfillment.shipping.actions import ship_order
    from orders.allocation.actions.backorders import fill_backorders
    from orders.models import OrderLine

    if not sku_ids or not perform(fill_backorders, sku_ids=sku_ids, by=by, now=now):
        return
    ready = OrderLine.objects.filter(quantity_reserved__gt=0, sku_id__in=sku_ids)
    for pk in sorted(set(ready.values_list("order_id", flat=True))):
        perform(ship_order, order_id=pk, by=by, now=now)


def verdict(done: Replayed, share: float) -> list[str]:
    """What is wrong with a replay; nothing when it proves itself."""
    from erp.audit.proof import prove
    from inventory.models import BinLevel, StockLevel

    wrong = [f"{f.law.code}: {f.rows}" for f in prove() if f.breaches]
    if StockLevel.objects.filter(on_hand__lt=0).exists() or BinLevel.objects.filter(on_hand__lt=0):
        wrong.append("a level is negative")
    if share >= 1:
        off = [c for c, units in done.expected.items() if done.closing.get(c, 0) != units]
        wrong += [f"{len(off)} SKUs end otherwise than they should: {off[:5]}"] if off else []
    off = [
        code
        for code, units in done.ordered.items()
        if done.shipped.get(code, 0) + done.backordered.get(code, 0) != units
    ]
    wrong += [f"shipped + back-ordered is not ordered: {off[:5]}"] if off else []
    return wrong


def report(share: float) -> None:
    """Replay all days in this database and print what came of it."""
    done = replay(share=share)
    wrong = verdict(done, share)
    stock = openings()
    if share >= 1:
        off = [c for c, (_o, closing) in stock.items() if done.closing.get(c, 0) != closing]
        wrong += [f"not the file's closing stock: {off[:5]}"] if off else []
    print(
        f"opened with {share:.0%}: {done.invoices:,} documents, {done.lines:,} lines in {done.seconds:,.0f} s"
        f" ({done.lines / done.seconds:,.0f} lines/s); opening {sum(done.opening.values()):,},"
        f" ordered {sum(done.ordered.values()):,}, shipped {sum(done.shipped.values()):,},"
        f" back-ordered {sum(done.backordered.values()):,}, closing {sum(done.closing.values()):,};"
        f" {'; '.join(wrong) or 'every SKU as it should be, every law holds'}",
        flush=True,
    )
    if wrong:
        sys.exit(1)


def main() -> None:
    """Both replays, each in a database of its own."""
    if not DATA.exists():
        print("The Online Retail days are not beside this checkout: nothing to replay.")
        return
    for share in (1.0, 0.5):
        with fresh_product() as product:
            product.show_shell(f"from bench.replay import report; report({share})")
