"""Exports say one thing a column: amounts with their currency, moments with their zone, states in the page's words."""

import inspect
from datetime import UTC, date, datetime
from decimal import Decimal

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.safestring import SafeString

from erp.access.models import Actor
from erp.lists.exports import exported_columns, exported_rows, lines_shown
from erp.lists.page import Column, list_by_name
from erp.web.columns import amount_column, day_column, lines_column, state_column, time_column
from erp.wiring import LISTS
from tests.architecture.each import of_each

# What the fields of a model become in a list, by the kind of the column that may say them.
KINDS = (
    (lambda f: bool(f.choices) or isinstance(f, models.BooleanField), "state"),
    (lambda f: isinstance(f, models.DateTimeField), "time"),
    (lambda f: isinstance(f, models.DateField), "day"),
    (lambda f: isinstance(f, models.DecimalField), "amount"),
)
MADE = {  # what makes cells, by the kind of the columns that it is for
    "money": "amount",
    "rounded": "amount",
    "ago": "time",
    "localtime": "time",
    "isoformat": "day",
    "pill": "state",
    "status_of": "state",
}
TELLS = {("review", "why")}  # a sentence behind the pill of its kind: the words are the sentence's


def _shows_two(function) -> bool:
    """Whether a cell's function, or one of its module that it calls, writes a second line or joins two texts."""
    if "class='two'" in inspect.getsource(function) or "·" in inspect.getsource(function):
        return True
    return any("class='two'" in inspect.getsource(x) for x in _called(function))


def _called(function) -> list:
    """The functions of its own module that a function calls."""
    found = [function.__globals__.get(name) for name in function.__code__.co_names]
    return [x for x in found if inspect.isfunction(x) and x.__module__ == function.__module__]


def _names(function) -> set[str]:
    """What a function and those of its module that it calls make use of."""
    return {name for one in (function, *_called(function)) for name in one.__code__.co_names}


def _field(model, function):
    """The field of a model that a function only reads; None where it does anything else."""
    field = None
    for name in function.__code__.co_names:
        try:
            field = model._meta.get_field(name)
        except (FieldDoesNotExist, AttributeError):
            return None
        model = field.related_model
    return field


COLUMNS = [(name, column) for name in LISTS for column in list_by_name(name).columns]


@of_each(LISTS)
def test_a_second_line_has_a_column_of_its_own(name):
    page = list_by_name(name)
    headings = {str(column.label) for column in page.columns}
    for column in page.columns:
        if not inspect.isfunction(column.cell) or not _shows_two(column.cell):
            continue
        assert column.value is not None or column.lines is not None, (name, column.name)
        assert column.masked is None or column.second is None or column.masked_value, column.name
        is_told = column.second is not None or column.lines or column.name == "sender"
        assert is_told, (name, column.name, headings)


@of_each(COLUMNS)
def test_every_column_is_of_the_kind_of_what_it_says(name, column):
    """A bare `Column` says texts and numbers; the rest is made by `erp.web.columns`, which knows how it is exported."""
    if column.kind or column.lines:
        return
    kinds = {MADE[n] for n in _names(column.cell) & MADE.keys()}
    assert not kinds or (name, column.name) in TELLS, f"use {kinds.pop()}_column"
    model = list_by_name(name).rows(Actor(pk=0)).model
    field = _field(model, column.value or column.cell)
    wanted = next((kind for fits, kind in KINDS if field is not None and fits(field)), "")
    assert not wanted, f"use {wanted}_column: it says {field}"


@of_each(COLUMNS)
def test_an_amount_has_its_currency_in_the_same_export(name, column):
    headings = [str(one.label) for one in exported_columns([column])]
    assert (column.kind == "amount") == ("Currency" in headings and column.name != "currency")
    every = [str(one.label) for one in exported_columns(list_by_name(name).columns)]
    assert every.count("Currency") <= 1


@of_each(COLUMNS)
def test_no_dash_of_the_page_is_exported(name, column):
    """A dash stands for nothing on a page; in a file it is a text that nobody wrote."""
    function = column.value or (None if column.lines else column.cell)
    assert function is None or "–" not in function.__code__.co_consts


@of_each(COLUMNS)
def test_what_a_cell_joins_is_apart_in_an_export(name, column):
    told = column.value or (None if column.lines else column.cell)
    joined = {
        "tags",
        "custom",
    }  # one thing each: whoever reads the file takes them apart as it was written
    assert told is None or "join" not in _names(told) or column.name in joined


@of_each(COLUMNS)
def test_no_markup_is_exported(name, column):
    """What is exported is text: nothing is taken off it, so that what customers wrote stays as they wrote it."""
    told = [column.value or (None if column.lines else column.cell), column.second]
    if column.masked and not column.lines:
        told += [column.masked_value or column.masked[1]]
    for one in (x[1] if isinstance(x, tuple) else x for x in told if x):
        assert not _names(one) & {"format_html", "format_html_join", "mark_safe", "SafeString"}


def test_at_most_one_column_of_a_list_has_lines():
    for name in LISTS:
        assert sum(bool(column.lines) for column in list_by_name(name).columns) <= 1


def test_the_second_is_not_written_twice():
    one = Column("customer", "Customer", lambda r: r, second=("Channel", lambda r: r))
    other = Column("channel", "Channel", lambda r: r)
    assert [c.label for c in exported_columns([one])] == ["Customer", "Channel"]
    assert [c.label for c in exported_columns([one, other])] == ["Customer", "Channel"]


def test_a_row_for_each_line_and_amounts_once():
    columns = [
        Column("number", "Number", lambda r: r["number"]),
        lines_column("lines", "Lines", (("SKU", False), ("Units", True)), lambda r: r["lines"]),
        amount_column("total", "Total", lambda r: Decimal("4.4567"), lambda r: "KWD"),
    ]
    row = {"number": "P1", "lines": [("A", 1), ("B", 2)]}
    shown = exported_columns(columns)

    assert [str(c.label) for c in shown] == ["Number", "SKU", "Units", "Currency", "Total"]
    assert list(exported_rows(shown, lines_shown(columns), row)) == [
        ["P1", "A", 1, "KWD", Decimal("4.457")],
        ["P1", "B", 2, "KWD", ""],
    ]
    none = list(exported_rows(shown, lines_shown(columns), row | {"lines": []}))
    assert none == [["P1", "", "", "KWD", Decimal("4.457")]]
    assert (
        columns[1].cell(row | {"lines": [("A", n) for n in range(1, 5)]}) == "A × 1, A × 2, A × 3 …"
    )


def test_what_the_makers_of_columns_export():
    at, day = datetime(2026, 11, 30, 18, tzinfo=UTC), date(2026, 12, 1)
    said = {
        "time": time_column("at", "At", lambda r: at),
        "day": day_column("day", "Day", lambda r: day),
        "state": state_column("state", "State", lambda r: ("done", "Active")),
    }
    assert [said[kind].kind for kind in said] == [*said]
    assert [column.exported(None) for column in said.values()] == [at, day, "Active"]
    assert not isinstance(said["state"].exported(None), SafeString)
