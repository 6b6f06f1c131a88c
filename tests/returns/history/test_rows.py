"""Importing the past: exact sums, every row once, nothing lost silently."""

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from erp.access.models import Channel
from erp.jobs.models import JobFinding
from inventory.models import StockDocument, StockMovement
from orders.models import AccountEntry, Order, OrderLine
from returns.models import Refund, ReturnAuthorization, ReturnLine
from tests.data import SHARED

pytestmark = pytest.mark.django_db(transaction=True)


HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


ROWS = (
    "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    "536365,85123a,lower case twin,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    "536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    "536365,POST,POSTAGE,1,2010-12-01 08:27:00,18.001,17850.0,United Kingdom\n"
    "C536379,85123A,WHITE HANGING HEART,-8,2010-12-01 09:41:00,2.55,17850.0,United Kingdom\n"
    "C536380,22632,NEVER BOUGHT,-1,2010-12-01 09:41:00,1.00,17850.0,United Kingdom\n"
    "536589,21777,,-10,2010-12-01 16:50:00,0.0,,United Kingdom\n"
    "A563186,B,Adjust bad debt,1,2011-08-12 14:51:00,-11062.06,,United Kingdom\n"
    "536400,22632,bad,x,2010-12-01 09:41:00,1.00,17850.0,France\n"
    "536401,22632,bad,1,yesterday,1.00,17850.0,France\n"
)


@pytest.fixture
def channel(ground) -> Channel:
    return Channel.objects.create(code="file", name="Files", kind="file", currency="GBP")


def run(path: Path, **options) -> dict:
    out = StringIO()
    call_command(
        "import_orders",
        path,
        channel="file",
        layout="online-retail",
        json=True,
        stdout=out,
        **options,
    )
    return json.loads(out.getvalue().splitlines()[-1])


def written(folder: Path, text: str, name: str = "2010-12-01.csv") -> Path:
    path = folder / name
    path.write_text(HEADER + text, encoding="utf-8")
    return path


def test_every_row_becomes_what_it_is(channel, tmp_path, laws_hold):
    figures = run(written(tmp_path, ROWS))

    assert (figures["rows"], figures["accepted"], figures["rejected"]) == (10, 8, 2)
    assert (figures["orders"], figures["returns"], figures["adjustments"]) == (1, 2, 2)
    assert Decimal(figures["amount"]) == Decimal("45.90") + Decimal("18.001") - Decimal(
        "20.40"
    ) - 1 - Decimal("11062.06")
    assert figures["units"] == 6 + 6 + 6 + 1 - 8 - 1 - 10 + 1
    order = Order.objects.get()
    assert (order.status, order.is_history, order.placed_at.hour) == ("completed", True, 8)
    assert order.lines.count() == 4
    assert StockDocument.objects.get().is_history
    assert not StockMovement.objects.exists()
    assert AccountEntry.objects.get().unit_amount == Decimal("-11062.06")
    assert {f.row: f.code for f in JobFinding.objects.all()} == {
        10: "not_a_quantity",
        11: "not_a_date",
    }
    laws_hold()


def test_returns_are_tied_to_earlier_purchases_and_flagged_where_there_are_none(channel, tmp_path):
    run(written(tmp_path, ROWS))

    tied = ReturnLine.objects.filter(authorization__external_id="C536379")
    assert sorted(line.quantity for line in tied) == [2, 6]
    assert all(line.order_line_id for line in tied)
    assert ReturnLine.objects.get(sku_code="22632").flag == "no_purchase_known"
    assert sum(OrderLine.objects.values_list("quantity_returned", flat=True)) == 8
    assert Refund.objects.get(authorization__external_id="C536379").amount == Decimal("20.40")


def test_a_file_twice_changes_nothing(channel, tmp_path):
    path = written(tmp_path, ROWS)
    run(path)
    before = (Order.objects.get().total, OrderLine.objects.count(), ReturnLine.objects.count())

    again = run(path)

    assert (again["accepted"], again["already_known"], again["rejected"]) == (0, 8, 2)
    assert (
        Order.objects.get().total,
        OrderLine.objects.count(),
        ReturnLine.objects.count(),
    ) == before


def test_half_a_file_and_then_the_whole_adds_up(channel, tmp_path, laws_hold):
    half = "".join(ROWS.splitlines(keepends=True)[:2])
    run(written(tmp_path, half))

    whole = run(written(tmp_path, ROWS))

    assert (whole["already_known"], whole["accepted"], whole["orders"]) == (2, 6, 0)
    assert Order.objects.get().lines.count() == 4
    laws_hold()


def test_a_dry_run_writes_nothing(channel, tmp_path):
    figures = run(written(tmp_path, ROWS), dry_run=True)

    assert figures["accepted"] == 8
    assert not Order.objects.exists()
    assert not ReturnAuthorization.objects.exists()


def test_a_missing_column_is_named(channel, tmp_path):
    from django.core.management.base import CommandError

    path = tmp_path / "x.csv"
    path.write_text("InvoiceNo,Quantity\n1,2\n")

    with pytest.raises(CommandError, match="StockCode"):
        run(path)


RETAIL = SHARED / "transactions/online-retail"


@pytest.mark.skipif(not RETAIL.exists(), reason="the real data set is not beside this checkout")
def test_a_real_day_agrees_with_its_own_sums(channel, tmp_path, laws_hold):
    import csv

    from erp.files import RawRow, read_rows

    lines = [
        r
        for r in read_rows(RETAIL / "by-day-csv.tar.zst")
        if isinstance(r, RawRow) and r.file == "2010-12-01.csv"
    ]
    path = tmp_path / "2010-12-01.csv"
    with path.open("w", newline="") as stream:
        stream.write(HEADER)
        csv.writer(stream).writerows(line.cells for line in lines)

    figures = run(path)

    assert figures["accepted"] == len(lines) == figures["rows"]
    assert Decimal(figures["amount"]) == sum(int(r.cells[3]) * Decimal(r.cells[5]) for r in lines)
    laws_hold()
