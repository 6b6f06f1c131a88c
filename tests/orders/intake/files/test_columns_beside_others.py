"""Columns of units, of days that are asked for, and two columns of one field: read, or they hold their orders."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from orders.intake.files.day_headings import DELIVER_BY, DELIVER_ON, SHIP_BY
from orders.intake.files.headings import suggested
from orders.intake.files.packs import MAYBE_UNITS, UNITS
from orders.intake.files.rows import Reading
from tests.orders.intake.files.test_notations import read_file

ROW = {
    "order number": "A-1",
    "date": "2026-11-20",
    "shipping name": "Li Na",
    "address1": "Street 1",
    "city": "上海市",
    "country": "CN",
    "sku": "MUG-001",
    "quantity": "2",
    "unit price": "25.00",
}
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def read(tmp_path, *more, status=""):
    """The orders of a file, each the plain row and these cells more: (heading, cell) of each column."""
    heads = [*ROW, *(heading for heading, _cell in more[0]), "order status"]
    rows = [[*ROW.values(), *(cell for _heading, cell in cells), status] for cells in more]
    for n, row in enumerate(rows):
        row[0] = f"A-{n}"
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(";".join(row) for row in [heads, *rows]))
    reading = Reading(suggested(heads), "CNY", ZoneInfo("Asia/Shanghai"), country="CN", now=NOW)
    return read_file(path, reading)


class TestUnits:
    @pytest.mark.parametrize(
        "heading", ["Unit", "Unit/Pack", "Packaging", "Einheit", "Unité", "U.M."]
    )
    @pytest.mark.parametrize(
        "cell",
        [
            "case of 12",
            "CA,12",
            "Case (12 pcs)",
            "Karton à 12 Stk",
            "12/ctn",
            "箱(12个)",
            "12個入り",
            "12 per case",
        ],
    )
    def test_a_pack_that_says_how_many_becomes_pieces(self, tmp_path, heading, cell):
        orders, _defects = read(tmp_path, [(heading, cell)])
        assert (orders["A-0"].lines[0].quantity, orders["A-0"].doubts) == (24, [])

    @pytest.mark.parametrize("heading", [*UNITS.split("|"), *MAYBE_UNITS.split("|")])
    def test_one_that_does_not_holds_its_order_under_every_heading(self, tmp_path, heading):
        orders, _defects = read(tmp_path, [(heading, "carton")])
        assert orders["A-0"].doubts == ["unit_of_measure:carton"]

    @pytest.mark.parametrize(
        "cell", ["Stk.", "pcs", "pièce", "uds", "szt.", "шт.", "個", "개", "EA", ""]
    )
    def test_a_piece_is_one(self, tmp_path, cell):
        orders, _defects = read(tmp_path, [("Unit", cell)], [("Unit", "Dozen")])
        assert (orders["A-0"].lines[0].quantity, orders["A-0"].doubts) == (2, [])
        assert orders["A-1"].lines[0].quantity == 24

    @pytest.mark.parametrize(
        "cells", [("12", "7"), ("A-17", "B-2"), ("Flat 3", ""), ("500g", "250g")]
    )
    def test_a_heading_over_no_units_is_no_column_of_them(self, tmp_path, cells):
        orders, _defects = read(tmp_path, *([("Unit", cell)] for cell in cells))
        assert [(o.lines[0].quantity, o.doubts) for o in orders.values()] == [(2, []), (2, [])]

    def test_what_nobody_knows_holds_where_the_column_is_one(self, tmp_path):
        orders, _defects = read(tmp_path, [("Unit", "pcs")], [("Unit", "A-17")])
        assert [o.doubts for o in orders.values()] == [[], ["unit_of_measure:A-17"]]

    def test_two_sizes_of_one_pack_hold(self, tmp_path):
        orders, _defects = read(tmp_path, [("Unit", "case of 12"), ("Pack size", "10")])
        assert orders["A-0"].doubts == ["unit_of_measure:case of 12"]


class TestDays:
    @pytest.mark.parametrize(
        "heading", [h for of in (SHIP_BY, DELIVER_BY, DELIVER_ON) for h in of.split("|")]
    )
    def test_a_day_is_told_under_every_heading(self, tmp_path, heading):
        orders, _defects = read(tmp_path, [(heading, "2026-12-24")])
        assert "2026-12-24" in orders["A-0"].note
        assert orders["A-0"].doubts == []

    @pytest.mark.parametrize("heading", ["Delivery date", "Liefertermin", "交货日期"])
    def test_a_day_to_come_on_is_what_it_is_sent_for(self, tmp_path, heading):
        orders, _defects = read(tmp_path, [(heading, "24.12.2026")])
        arrival = orders["A-0"].arrival
        assert (arrival.on, arrival.by, arrival.written) == (
            date(2026, 12, 24),
            date(2026, 12, 24),
            "24.12.2026",
        )

    @pytest.mark.parametrize("heading", ["Delivery date", "Ship by", "Required by", "交货日期"])
    @pytest.mark.parametrize(
        ("cell", "doubt"),
        [
            ("before Christmas", "date_requested:before Christmas"),
            ("KW 51", "date_requested:KW 51"),
            ("2026-11-25", "date_passed"),
            ("2026-11-01", "date_requested:2026-11-01"),
            ("2036-12-24", "date_requested:2036-12-24"),
        ],
    )
    def test_one_that_cannot_be_kept_holds(self, tmp_path, heading, cell, doubt):
        orders, _defects = read(tmp_path, [(heading, cell)])
        assert orders["A-0"].doubts == [doubt]

    def test_of_what_has_left_nothing_is_asked(self, tmp_path):
        orders, _defects = read(tmp_path, [("Delivery date", "2026-11-25")], status="cancelled")
        assert orders["A-0"].doubts == []


class TestRivals:
    @pytest.mark.parametrize(
        ("heading", "cell", "is_held"),
        [
            ("Quantity", "7", True),
            ("Qty", "7", True),
            ("数量", "7", True),
            ("Qty", "2", False),
            ("Qty", "2.0", False),
            ("Qty", "", False),
            ("unit price", "1.00", True),
            ("Price", "25", False),
            ("SKU", "MUG-002", True),
            ("sku", "mug-001", False),
            ("Country", "DE", True),
        ],
    )
    def test_two_columns_of_one_field_hold_where_they_differ(
        self, tmp_path, heading, cell, is_held
    ):
        orders, defects = read(tmp_path, [(heading, cell)])
        assert orders["A-0"].doubts == (["columns_differ"] if is_held else [])
        assert ((2, "columns_differ", "held") in defects) == is_held
