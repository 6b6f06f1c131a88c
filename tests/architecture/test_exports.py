"""What a cell of a list shows in two lines is two things in an export."""

import inspect

import pytest

from erp.lists.page import Column, exported_columns, list_by_name
from erp.wiring import LISTS


def _shows_two(function) -> bool:
    """Whether a cell's function, or one of its module that it calls, writes a second line or joins two texts."""
    if "class='two'" in inspect.getsource(function) or "·" in inspect.getsource(function):
        return True
    names = function.__code__.co_names
    called = [function.__globals__.get(name) for name in names]
    return any(
        inspect.isfunction(x)
        and x.__module__ == function.__module__
        and "class='two'" in inspect.getsource(x)
        for x in called
    )


@pytest.mark.parametrize("name", LISTS)
def test_a_second_line_has_a_column_of_its_own(name):
    page = list_by_name(name)
    headings = {str(column.label) for column in page.columns}
    for column in page.columns:
        if not inspect.isfunction(column.cell) or not _shows_two(column.cell):
            continue
        assert column.value is not None, (name, column.name)
        assert column.masked is None or column.second is None or column.masked_value, column.name
        is_told = column.second is not None or column.name in {"changes", "sender"}
        assert is_told, (name, column.name, headings)


def test_the_second_is_not_written_twice():
    one = Column("customer", "Customer", lambda r: r, second=("Channel", lambda r: r))
    other = Column("channel", "Channel", lambda r: r)
    assert [c.label for c in exported_columns([one])] == ["Customer", "Channel"]
    assert [c.label for c in exported_columns([one, other])] == ["Customer", "Channel"]
