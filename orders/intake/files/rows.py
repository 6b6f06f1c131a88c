"""Surveys a file before it is imported: headings, date notation, rows of one order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from erp.files import Header, RawRow, Typed
from orders.intake.files import cells, dates
from orders.intake.files.columns import BY_NAME, Field
from orders.intake.files.headings import is_header
from orders.intake.files.packs import is_unit
from orders.intake.messages.numbers import Marks, usual_mark

HEAD = 20  # rows that the headings are looked for in


REJECTED, HELD, NOTED = "rejected", "held", "flagged"


MOST_LINES = 2000


MOST_SCATTERED = 20_000  # rows of orders whose rows stand apart: they are kept in memory
MOST_WEIGHT = 8_000_000  # of the rows of one order, or of all that stand apart


@dataclass(frozen=True)
class Reading:
    """How a file is to be read.

    columns   {field: heading}; what it lacks is not read
    payment   how orders are paid where the file does not say: prepaid, unpaid, on_account, cod
    country   where they go where it does not say; "" where that is for a person to find out
    now       when it is read: what a file says has happened was before it; None: any moment may be
    encoding  what the file was declared to be in; "": what its bytes look like
    """

    columns: Mapping[str, str]
    currency: str
    zone: tzinfo
    payment: str = "unpaid"
    country: str = ""
    now: datetime | None = None
    encoding: str = ""


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
    marks       the decimal mark of numbers, by field; "" where nothing proves one
    is_mixed    some of its numbers prove a point, others a comma: no country decides for it
    is_sure     nothing but its encoding could be meant
    has_units   some cell of its column of units says one
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
    marks: Mapping[str, str] = field(default_factory=dict)
    is_mixed: bool = False
    is_sure: bool = True
    has_units: bool = False


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
    learnt = _Learnt(places, fields)
    seen: set[str] = set()
    scattered: set[str] = set()
    last = ""
    count = together = apart = weighs = weigh_apart = 0
    for row in _chain(waiting, rows):
        count += 1
        learnt.look(row)
        key = cell_of(row, places, "order", fields)
        is_new = bool(key) and key != last
        together = 1 if is_new else together + 1
        weighs = row.weight + (0 if is_new else weighs)
        if together > MOST_LINES or weighs > MOST_WEIGHT:
            raise TooMuch(row.row, last)
        if key and key != last:
            if key in seen:
                scattered.add(key)
            seen.add(key)
            last = key
        if last in scattered:
            apart, weigh_apart = apart + 1, weigh_apart + row.weight
        if apart > MOST_SCATTERED or weigh_apart > MOST_WEIGHT:
            raise TooMuch(row.row, last)
    return Survey(
        file,
        at,
        header,
        learnt.notations(reading),
        frozenset(scattered),
        count,
        len(seen),
        learnt.marks(),
        learnt.is_mixed,
        learnt.is_sure,
        learnt.has_units,
    )


class _Learnt:
    """What the columns of a file tell of how they are written: all of each, not its first rows."""

    def __init__(self, places: Mapping[str, int], fields: Mapping[str, Field]) -> None:
        self.places, self.fields, self.is_sure = places, fields, True
        self.has_units = False
        self.days: dict[str, set[str]] = {n: set() for n in places if fields[n].kind == "moment"}
        self.numbers: dict[str, Marks] = {
            n: Marks() for n in places if fields[n].kind in {"amount", "count"}
        }

    def look(self, row: RawRow) -> None:
        self.is_sure = self.is_sure and row.is_sure
        if "unit" in self.places and not self.has_units:
            self.has_units = is_unit(self._cell(row, "unit"))
        for name, days in self.days.items():
            if len(days) < dates.MOST_SAMPLES and (text := self._cell(row, name)):
                days.add(dates.day_of(text))
        for name, marks in self.numbers.items():
            text = self._cell(row, name)
            if text and not isinstance(text, Typed) and not text.isdecimal():
                marks.add(cells.bare(text))

    def _cell(self, row: RawRow, name: str) -> str:
        return cell_of(row, self.places, name, self.fields)

    def notations(self, reading: Reading) -> dict[str, str]:
        first = dates.first_of(reading.country, reading.currency)
        return {name: dates.notation_of(days, first) for name, days in self.days.items()}

    @property
    def is_mixed(self) -> bool:
        return len({mark for marks in self.numbers.values() for mark in marks.seen}) > 1

    def marks(self) -> dict[str, str]:
        """By field the mark that its column proves; of one that proves none what all others prove together."""
        proven = {marks.mark for marks in self.numbers.values()} - {""}
        shared = proven.pop() if len(proven) == 1 and not self.is_mixed else ""
        return {
            name: marks.mark or ("" if marks.is_mixed else shared)
            for name, marks in self.numbers.items()
        }


def usual_of(surveyed: Survey, reading: Reading, currency: str = "") -> str:
    """The decimal mark that decides where nothing in the file does: the country's and currency's, if they agree."""
    if surveyed.is_mixed:
        return ""
    by_country = usual_mark(reading.country)
    by_currency = usual_mark("", currency or reading.currency)
    if by_country and by_currency and by_country != by_currency:
        return ""
    return by_country or by_currency


def _head(
    rows: Iterator[Header | RawRow], fields: Sequence[Field]
) -> tuple[str, int, tuple[str, ...], list[RawRow]] | None:
    """The headings: the first row that looks like some, else the first; and the rows after it."""
    looked: list[RawRow] = []
    for found in rows:
        row = RawRow(found.file, 1, found.names) if isinstance(found, Header) else found
        looked.append(row)
        if is_header(_headings(row), fields):
            return row.file, row.row, _headings(row), []
        if len(looked) == HEAD:
            break
    if not looked:
        return None
    first = looked[0]
    return first.file, first.row, _headings(first), looked[1:]


def _headings(row: RawRow) -> tuple[str, ...]:
    return tuple(cells.unguarded(cell, is_code=True) for cell in row.cells)


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


def cell_of(
    row: RawRow,
    places: Mapping[str, int],
    name: str,
    fields: Mapping[str, Field] = BY_NAME,
) -> str:
    """What a field says in a row, without what spreadsheets put around it."""
    place = places.get(name, -1)
    if not 0 <= place < len(row.cells):
        return ""
    of = fields[name]
    text = cells.unguarded(row.cells[place], is_code=of.is_code)
    return cells.digits(text) if of.digits else text


def check_digits(said: Mapping[str, str], fields: Mapping[str, Field]) -> Iterator[str]:
    """The fields whose digits a spreadsheet has left out."""
    for name, text in said.items():
        if fields[name].digits and cells.lost_digits(text):
            yield name


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
