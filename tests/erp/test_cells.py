"""Exports give what was typed: every text comes back as it was, every amount with its currency's digits."""

import csv
import io
import re
from decimal import Decimal

from django.utils.html import format_html
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
    book = as_workbook(lines_of(csv_of([["total"], [text]])), [True])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0)
    assert rounded(Decimal(repr(float(sheet.to_python()[1][0]))), currency) == value


def test_markup_that_a_list_made_is_taken_off_and_nothing_else():
    cell = format_html("<b>{}</b>", "Li <VIP> & Söhne")

    assert plain(cell) == "Li <VIP> & Söhne"
    assert plain("Li <VIP> & Söhne") == "Li <VIP> & Söhne"
    assert plain(None) == ""
    assert plain(Decimal("1E+3")) == "1000"
