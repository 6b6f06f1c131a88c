"""Exports give what was typed: every text comes back as it was, every amount with its currency's digits."""

import csv
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from erp.jobs.cells import as_workbook, guarded, plain, unguarded
from erp.money import minor_unit, rounded

# What customers type and spreadsheets spoil: formulas, markup, numbers that are names.
TYPED = st.one_of(
    st.sampled_from(
        (
            "=1+1",
            "'=1+1",
            "''",
            "'t Hooft",
            "@SUM(A1)",
            "+86 138 0000 0000",
            "-5",
            "Li <VIP> & Söhne",
            "&lt;b&gt;",
            "50199.10",
            "0012",
            "12345678901234567890",
            "1e5",
            "1,234.50",
            "王小明",
            " padded ",
            "two\nlines",
            "_x0041_",
            "http://example.com",
            "2026-11-29",
            "TRUE",
            "\n=1+1",
            " =1+1",
            "＝1+1",
            "\ufeff@SUM(A1)",
            "<none>",
        )
    ),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n"), max_size=40),
)


def csv_of(rows) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def lines_of(text: str):
    return io.StringIO(text, newline="")


@given(st.lists(TYPED, min_size=1, max_size=6))
def test_text_survives_a_csv(typed):
    written = csv_of([[guarded(plain(text)) for text in typed]])

    read = next(csv.reader(lines_of(written)))

    assert [unguarded(cell) for cell in read] == typed
    for cell in read:
        assert not re.match(r"[=@\t\r\n]", cell), "a spreadsheet would run it"
        assert not re.match(r"[+-].*[^\d .]", cell)


@given(st.lists(TYPED.filter(bool), min_size=1, max_size=6))
@example(["50199.10", "0012", "=1+1", "'=1+1"])
def test_text_survives_a_workbook(typed):
    book = as_workbook(
        lines_of(csv_of([["head"] * len(typed), [plain(text) for text in typed]])),
        [False] * len(typed),
    )

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0)

    assert sheet.to_python(skip_empty_area=False)[1] == typed


@given(
    st.sampled_from(("CNY", "JPY", "KWD")),
    st.decimals(-(10**9), 10**9, places=4, allow_nan=False),
)
def test_an_amount_has_its_digits(currency, amount):
    value = rounded(amount, currency)
    text = plain(value)
    places = -minor_unit(currency).as_tuple().exponent

    assert re.fullmatch(rf"-?\d+\.\d{{{places}}}" if places else r"-?\d+", text)
    assert guarded(text) == text
    book = as_workbook(lines_of(csv_of([["total"], [text]])), ["amount"])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0)
    assert rounded(Decimal(repr(float(sheet.to_python()[1][0]))), currency) == value


def test_a_text_is_exported_as_it_was_typed():
    """A name between angle brackets was taken for markup, and deleted."""
    assert plain("Li <VIP> & Söhne &lt;b&gt;") == "Li <VIP> & Söhne &lt;b&gt;"
    assert plain(None) == ""
    assert plain(Decimal("1E+3")) == "1000"
    assert [plain(True), plain(False)] == ["Yes", "No"]


FORMULAS = "=1+1", "+1+1", "-1+1", "@SUM(A1)", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "−1+1"
BEFORE = (
    "",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\u3000",
    "\xa0",
    "\ufeff",
    "\u200b",
    "\u200e",
    "\u2060",
    "\x00",
    " \t\u200b ",
)


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("formula", FORMULAS)
def test_no_formula_is_let_through_behind_what_cannot_be_seen(before, formula):
    assert guarded(before + formula) == f"'{before}{formula}"
    assert unguarded(guarded(before + formula)) == before + formula
    assert guarded("'" + before + formula) == f"''{before}{formula}"


AT = datetime(2026, 11, 30, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "text", "cell"),
    [
        ("UTC", AT, "2026-11-30T18:00:00+00:00", datetime.fromisoformat("2026-11-30T18:00")),
        (
            "Asia/Shanghai",
            AT,
            "2026-12-01T02:00:00+08:00",
            datetime.fromisoformat("2026-12-01T02:00"),
        ),
        (
            "Asia/Kathmandu",
            AT,
            "2026-11-30T23:45:00+05:45",
            datetime.fromisoformat("2026-11-30T23:45"),
        ),
        (
            "America/New_York",  # its clock shows half past one twice that night
            datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
            "2026-11-01T01:30:00-05:00",
            "2026-11-01T01:30:00-05:00",
        ),
        (
            "UTC",  # no spreadsheet counts so far back
            datetime(1899, 12, 1, tzinfo=UTC),
            "1899-12-01T00:00:00+00:00",
            "1899-12-01T00:00:00+00:00",
        ),
    ],
)
def test_a_moment_says_its_zone(zone, at, text, cell):
    with timezone.override(ZoneInfo(zone)):
        assert plain(at) == text
        assert guarded(text) == text
        book = as_workbook(lines_of(csv_of([["Placed"], [text], [""]])), ["time"])

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0)
    assert sheet.to_python()[:2] == [[f"Placed ({zone})"], [cell]]


def test_a_day_is_a_day():
    text = plain(date(2026, 12, 1))
    book = as_workbook(lines_of(csv_of([["Expected"], [text]])), ["day"])

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0)
    assert text == "2026-12-01"
    assert sheet.to_python() == [["Expected"], [date(2026, 12, 1)]]
