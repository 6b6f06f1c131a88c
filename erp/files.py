"""Reads rows of CSV and XLSX files, folders and archives, one row at a time, in the sandbox."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from erp.encodings import name_of
from erp.sandbox.call import read_in_sandbox
from erp.sandbox.limits import ReaderStopped
from erp.visible import seen

SUFFIXES = (".csv", ".tsv", ".xlsx")
MOST_AT_ONCE = 4_000_000  # weight of rows that are held at once, however few they are
T = TypeVar("T")


class Typed(str):
    """A cell that a workbook keeps as a number, so that its notation is known: a point, no groups."""

    __slots__ = ()


class Unreadable(Exception):
    """A file that is none of what we read, or is broken; the message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)

    def said(self) -> dict[str, str]:
        """What it is made of again on the other side of the sandbox."""
        return {"message": str(self)}


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it was found. `row` counts as a spreadsheet does: the header is row 1.

    is_sure   nothing but its file's encoding could be meant
    """

    file: str
    row: int
    cells: tuple[str, ...]
    is_sure: bool = True

    @property
    def weight(self) -> int:
        return weight_of(self.cells)


@dataclass(frozen=True, slots=True)
class Header:
    """The first row of a file: what its columns are called."""

    file: str
    names: tuple[str, ...]


class KeptFile(NamedTuple):
    """A file that somebody gave, where it is kept while it is read; what they call it is no path."""

    path: Path
    name: str


Source: TypeAlias = Path | KeptFile


def read_rows(source: Source, encoding: str = "") -> Iterator[Header | RawRow]:
    """Read every row of a file, of a folder's files by name, or of an archive's members by name.

    encoding   what somebody declared the file to be in; "": what its bytes look like
    Raises Unreadable.
    """
    if isinstance(source, KeptFile):
        yield from _read(source.name, source.path, encoding)
        return
    path = source
    if path.is_dir():
        for member in sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES):
            yield from read_rows(member, encoding)
        return
    if not path.exists():
        raise Unreadable(_("There is no file %(file)s.") % {"file": path})
    yield from _read(name_of(os.fsencode(path.name)), path, encoding)


def weight_of(cells: Sequence[str]) -> int:
    """What it takes to hold a row: its characters and its cells."""
    return len(cells) + sum(map(len, cells))


def in_sets(things: Iterable[T], *, most: int, weight: Callable[[T], int]) -> Iterator[list[T]]:
    """Things in sets of so many, or of as many as may be held at once: at least one.

    Counted alone, five hundred rows that share one text of a workbook of 6 KB were two gigabytes of their worker.
    """
    held: list[T] = []
    weighs = 0
    for thing in things:
        held.append(thing)
        weighs += weight(thing)
        if len(held) == most or weighs >= MOST_AT_ONCE:
            yield held
            held, weighs = [], 0
    if held:
        yield held


def rows_of_bytes(name: str, data: bytes) -> Iterator[Header | RawRow]:
    """Read the rows of a small file in memory, header first. Raises Unreadable."""
    yield from _read(name, data, "")


def _read(name: str, source: Path | bytes, encoding: str) -> Iterator[Header | RawRow]:
    arguments = {"name": name, "encoding": encoding}
    plain = read_in_sandbox(
        "erp.file_rows:plain_rows", source, arguments=arguments, refusals=[Unreadable]
    )
    try:
        for row in plain:
            yield _row(row)
    except ReaderStopped as stopped:
        raise Unreadable(_(_WHY[stopped.reason]) % {"file": name}) from stopped


_WHY = {
    "memory": gettext_noop(
        "%(file)s needs more memory to be read than a file may. Split it, or save it as CSV UTF-8."
    ),
    "cpu": gettext_noop("%(file)s takes too long to be read. Split it, or save it as CSV UTF-8."),
    "time": gettext_noop("%(file)s takes too long to be read. Split it, or save it as CSV UTF-8."),
    "output": gettext_noop("%(file)s holds more than a file may. Split it."),
    "died": gettext_noop(
        "%(file)s cannot be read: whatever reads it breaks off. Save it as CSV UTF-8."
    ),
    "failed": gettext_noop(
        "%(file)s cannot be read: whatever reads it breaks off. Save it as CSV UTF-8."
    ),
}


def _row(row: list[Any]) -> Header | RawRow:
    """A row as it came out of the sandbox: [file, names], or [file, row, cells, is_sure, which are numbers]."""
    if len(row) == 2:
        return Header(row[0], tuple(row[1]))
    file, number, cells, is_sure, typed = row
    for place in typed:
        cells[place] = Typed(cells[place])
    return RawRow(file, number, tuple(cells), is_sure)


def bare_formula(cell: str) -> str:
    """A cell without the formula ="…" that guards its digits against a spreadsheet."""
    if cell[:2] == '="' and cell.rstrip()[-1:] == '"' and len(cell.rstrip()) > 2:
        return cell.rstrip()[2:-1].replace('""', '"')
    return cell


def bare(cell: str) -> str:
    """A heading without blanks and marks that nobody sees, or what guards it against a spreadsheet."""
    return seen(bare_formula(seen(cell)))
