"""Decides what an export of a list has: one thing a column, a row a line, every amount with its currency."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic

from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.lists.page import Column, R
from erp.shapes import Words

CURRENCY = _("Currency")
COUNTED = frozenset({"number", "amount"})


@dataclass(frozen=True)
class Exported(Generic[R]):
    """One column of an export.

    kind    as of a column; "number" of one of numbers
    value   what it says of a row
    place   of a column of the row's lines: which of a line's values it has
    beside  whether it says what another column leaves unsaid
    """

    label: Words
    kind: str
    value: Callable[[R], object]
    place: int | None = None
    beside: bool = False


def exported_columns(columns: Sequence[Column[R]]) -> list[Exported[R]]:
    """The columns of an export: two things that a cell shows are two, unless the second is chosen already.

    The currency of an amount stands before it.
    """
    headings = {str(column.label) for column in columns}
    found: list[Exported[R]] = []
    for column in columns:
        for part in _parts(column):
            if part.beside and str(part.label) in headings:
                continue
            headings.add(str(part.label))
            found.append(part)
    return found


def _parts(column: Column[R]) -> Iterator[Exported[R]]:
    """What an export has of a column, in its order."""
    if column.currency is not None:
        yield Exported(CURRENCY, "", column.currency, beside=True)
    if column.lines is None:
        yield Exported(
            column.label, column.kind or ("number" if column.numeric else ""), column.exported
        )
    else:
        for place, (heading, is_number) in enumerate(column.lines.heads):
            yield Exported(heading, "number" if is_number else "", column.exported, place)
    if column.second is not None:
        heading, value = column.second
        yield Exported(heading, "", value, beside=True)


def exported_rows(
    columns: Sequence[Exported[R]], lines: Callable[[R], Sequence[Sequence[object]]], row: R
) -> Iterator[list[object]]:
    """Yield what an export has of a row: a row for each of its lines, one where it has none.

    What is counted of the whole, amounts above all, stands in the first only: so a column's sum is right.
    """
    whole = [column.value(row) if column.place is None else "" for column in columns]
    for n, line in enumerate(lines(row) or [()]):
        yield [
            _of_line(line, column.place)
            if column.place is not None
            else ("" if n and column.kind in COUNTED else said)
            for column, said in zip(columns, whole, strict=True)
        ]


def rights_shown(
    columns: Sequence[Column[R]], chosen: Sequence[Column[R]], actor: Actor
) -> list[str]:
    """The rights by which the chosen columns of a list show somebody what is masked for others."""
    masks = {column.masked[0] for column in columns if column.masked}
    asked = {right for column in chosen for right in ((column.masked or ("",))[0], column.right)}
    return sorted(masks & asked & actor.verbs)


def _of_line(line: Sequence[object], place: int) -> object:
    return line[place] if line else ""


def lines_shown(columns: Sequence[Column[R]]) -> Callable[[R], Sequence[Sequence[object]]]:
    """What gives the lines of a row, where one of the columns shows them; a list shows one kind of lines."""
    for column in columns:
        if column.lines is not None:
            return column.lines.of
    return lambda _row: ()
