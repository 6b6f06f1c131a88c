"""Surveys a file before it is imported: headings, date notation, rows of one order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from erp.files import Header, RawRow
from orders.intake.files import cells
from orders.intake.files.columns import BY_NAME, Field, is_header

LOOKED_AT = 200  # rows that the notation of dates is learnt from


HEAD = 20  # rows that the headings are looked for in


REJECTED, HELD, NOTED = "rejected", "held", "flagged"


MOST_LINES = 2000


MOST_SCATTERED = 20_000  # rows of orders whose rows stand apart: they are kept in memory


@dataclass(frozen=True)
class Reading:
    """How a file is to be read.

    columns   {field: heading}; what it lacks is not read
    payment   how orders are paid where the file does not say: prepaid, unpaid, on_account, cod
    country   where they go where it does not say; "" where that is for a person to find out
    """

    columns: Mapping[str, str]
    currency: str
    zone: tzinfo
    payment: str = "unpaid"
    country: str = ""


@dataclass(frozen=True)
class Defect:
    """What is wrong with a row. `severity`: rejected (its order is left out), held, flagged."""

    row: RawRow
    code: str
    severity: str
    column: str = ""
    value: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Survey:
    """What a first look at the whole file tells.

    head        the row of its headings
    notations   how dates are written, by field
    scattered   orders whose rows do not stand together
    orders      how many there are
    """

    file: str
    head: int
    header: tuple[str, ...]
    notations: Mapping[str, str]
    scattered: frozenset[str]
    rows: int
    orders: int


class TooMuch(Exception):
    """A file with an order of too many rows, or too many whose rows stand apart: at which row, which order."""

    def __init__(self, row: int, order: str) -> None:
        self.row, self.order = row, order[:60]
        super().__init__(f"row {row}: {order[:60]}")


def survey(
    found: Iterable[Header | RawRow], reading: Reading, fields: Mapping[str, Field] = BY_NAME
) -> Survey:
    """Survey a file once: its headings, date notation and scattered orders.

    Raises TooMuch.
    """
    rows = iter(found)
    head = _head(rows, list(fields.values()))
    if head is None:
        return Survey("", 0, (), {}, frozenset(), 0, 0)
    file, at, header, waiting = head
    places = places_of(reading.columns, header, fields)
    samples: dict[str, list[str]] = {name: [] for name in places if fields[name].kind == "moment"}
    seen: set[str] = set()
    scattered: set[str] = set()
    last = ""
    count = together = apart = 0
    for row in _chain(waiting, rows):
        count += 1
        for name, texts in samples.items():
            if len(texts) < LOOKED_AT and (text := cell_of(row, places, name)):
                texts.append(text)
        key = cell_of(row, places, "order")
        together = 1 if key and key != last else together + 1
        if together > MOST_LINES:
            raise TooMuch(row.row, last)
        if key and key != last:
            if key in seen:
                scattered.add(key)
            seen.add(key)
            last = key
        apart += last in scattered
        if apart > MOST_SCATTERED:
            raise TooMuch(row.row, last)
    notations = {name: cells.notation_of(texts) for name, texts in samples.items()}
    return Survey(file, at, header, notations, frozenset(scattered), count, len(seen))


def _head(
    rows: Iterator[Header | RawRow], fields: Sequence[Field]
) -> tuple[str, int, tuple[str, ...], list[RawRow]] | None:
    """The headings: the first row that looks like some, else the first; and the rows after it."""
    looked: list[RawRow] = []
    for found in rows:
        row = RawRow(found.file, 1, found.names) if isinstance(found, Header) else found
        looked.append(row)
        if is_header([c.strip() for c in row.cells], fields):
            return row.file, row.row, tuple(c.strip() for c in row.cells), []
        if len(looked) == HEAD:
            break
    if not looked:
        return None
    first = looked[0]
    return first.file, first.row, tuple(c.strip() for c in first.cells), looked[1:]


def _chain(waiting: list[RawRow], rows: Iterator[Header | RawRow]) -> Iterator[RawRow]:
    yield from waiting
    for row in rows:
        if isinstance(row, RawRow) and cells.any_filled(row.cells):
            yield row


def places_of(
    columns: Mapping[str, str], header: Sequence[str], fields: Mapping[str, Field] = BY_NAME
) -> dict[str, int]:
    """Where each field's column stands in a row."""
    return {
        name: header.index(heading)
        for name, heading in columns.items()
        if name in fields and heading in header
    }


def cell_of(row: RawRow, places: Mapping[str, int], name: str) -> str:
    place = places.get(name, -1)
    return row.cells[place].strip() if 0 <= place < len(row.cells) else ""


def grouped(
    found: Iterable[Header | RawRow], surveyed: Survey, reading: Reading
) -> Iterator[list[RawRow]]:
    """The rows of each order, in the file's order; scattered ones at the end.

    A row that names no order belongs to the one above it, as long as it says nothing of a whole order.
    """
    places = places_of(reading.columns, surveyed.header)
    whole = [place for name, place in places.items() if BY_NAME[name].whole]
    current: list[RawRow] = []
    key = ""
    held: dict[str, list[RawRow]] = {name: [] for name in surveyed.scattered}
    for row in found:
        if isinstance(row, Header) or row.row <= surveyed.head or not cells.any_filled(row.cells):
            continue
        named = cell_of(row, places, "order")
        continues = not named and not any(row.cells[p].strip() for p in whole if p < len(row.cells))
        if current and (named == key or continues):
            current.append(row)
            continue
        if current:
            if key in held:
                held[key] += current
            else:
                yield current
        current, key = [row], named
    if current and key not in held:
        yield current
    elif current:
        held[key] += current
    yield from (rows for rows in held.values() if rows)
