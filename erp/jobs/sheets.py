"""Imports and exports master data as sheets: files of rows, checked before they are written.

A sheet has columns, a way to write rows and a way to read them. `erp.wiring.SHEETS` names them all.
"""

import csv
import io
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.files import Header, RawRow, Source, Unreadable, in_sets, read_rows
from erp.jobs import actions
from erp.jobs.cells import guarded, open_workbook, plain, unguarded, write_text
from erp.jobs.models import Job
from erp.jobs.runner import file_of
from erp.jobs.upsert import Outcome, Parsed
from erp.money import written
from erp.names import column_of_language, language_of_column
from erp.once import perform
from erp.shapes import Words
from erp.wiring import SHEETS, resolve

CHUNK = 500  # rows in one transaction
YES, NO = {"1", "yes", "true", "y", "是"}, {"0", "no", "false", "n", "否", ""}


class BadCell(Exception):
    """A cell that cannot be understood; the message says what would be."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading, what its cells mean, whether each row must have one.

    kind   "text", "whole" (0 and more), "count" (1 and more), "decimal" (0 and more), "day" (2026-11-24),
           "yes" (1 or 0), or the values it may have
    """

    name: str
    kind: str | Collection[str] = "text"
    needed: bool = False
    longest: int = 250

    def parsed(self, text: str) -> object:
        """A cell as a value; None when it is empty. Raises BadCell."""
        text = text.strip()
        if not text:
            if self.needed:
                raise BadCell(_("is missing"))
            return None
        if self.kind == "text":
            if len(text) > self.longest:
                raise BadCell(_("is longer than %(n)s characters") % {"n": self.longest})
            return unguarded(text)
        if isinstance(self.kind, str):
            return _PARSERS[self.kind](text)
        if text not in self.kind:
            known = ", ".join(value for value in self.kind if value)
            raise BadCell(
                _("“%(text)s” is none of %(known)s") % {"text": text[:40], "known": known}
            )
        return text


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise BadCell(_("“%(text)s” is not a whole number.") % {"text": text[:40]})
    return int(text)


def _count(text: str) -> int:
    if number := _whole(text):
        return number
    raise BadCell(_("“%(text)s” is less than 1") % {"text": text[:40]})


def _decimal(text: str) -> Decimal:
    number = written(text)
    if number is None or not 0 <= number < 10**12:
        raise BadCell(_("“%(text)s” is not an amount such as 12.50") % {"text": text[:40]})
    return number


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.split(" ")[0])
    except ValueError:
        raise BadCell(
            _("“%(text)s” is not a date such as 2026-11-24") % {"text": text[:40]}
        ) from None


def _yes(text: str) -> bool:
    if text.lower() not in YES | NO:
        raise BadCell(_("“%(text)s” is neither 1 nor 0") % {"text": text[:40]})
    return text.lower() in YES


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "whole": _whole,
    "count": _count,
    "decimal": _decimal,
    "day": _day,
    "yes": _yes,
}


@dataclass(frozen=True)
class Sheet:
    """One kind of master data.

    write   (rows=, by=, now=) -> Outcome: an action that writes rows, each a mapping with the
            columns the file has; a row it refuses is left out whole
    read    () -> rows as sequences of cells in the order of `columns`
    named   whether a heading "name:<language>" is one of its columns too, whatever the language
    """

    name: str
    title: Words
    note: Words
    right: str
    columns: Sequence[Column]
    write: Callable[..., Outcome]
    read: Callable[[], Iterable[Sequence[object]]]
    named: bool = False

    def column(self, heading: str) -> Column | None:
        """The column that a heading means; None where it means nothing here."""
        found = next((column for column in self.columns if column.name == heading), None)
        if found is None and self.named and (language := language_of_column(heading)):
            return Column(column_of_language(language))
        return found


def sheets() -> dict[str, Sheet]:
    """Return every sheet by name, in the best order of import."""
    return {sheet.name: sheet for name in SHEETS for sheet in resolve(name)}


def understood(file: Source, sheet: Sheet, encoding: str = "") -> Iterator[Parsed]:
    """Parse every row of a file as this sheet. Raises Unreadable, also for a wrong heading, and for no row at all.

    encoding   what the file was declared to be in; "": what its bytes look like
    """
    columns: list[Column | None] = []
    is_empty = True
    for found in read_rows(file, encoding):
        if isinstance(found, Header):
            columns = _columns(found, sheet)
            continue
        is_empty = False
        yield _parsed(found, columns)
    if is_empty:
        raise Unreadable(_("%(file)s holds no row below its headings.") % {"file": file.name})


def _columns(header: Header, sheet: Sheet) -> list[Column | None]:
    headings = [name.strip().lower().replace(" ", "_") for name in header.names]
    columns = [sheet.column(heading) for heading in headings]
    names = [c.name if c else h for c, h in zip(columns, headings, strict=True)]
    strange = [h for c, h in zip(columns, headings, strict=True) if h and c is None]
    missing = [c.name for c in sheet.columns if c.needed and c.name not in names]
    if strange or missing:
        parts = []
        if missing:
            parts.append(_("has no column %(names)s") % {"names": ", ".join(missing)})
        if strange:
            parts.append(_("has unknown columns: %(names)s") % {"names": ", ".join(strange[:10])})
        raise Unreadable(f"{header.file} {'; '.join(parts)}.")
    if len(set(names)) != len(names):
        raise Unreadable(_("%(file)s has duplicate columns.") % {"file": header.file})
    return columns


def _parsed(found: RawRow, columns: Sequence[Column | None]) -> Parsed:
    values: dict[str, object] = {}
    problems = []
    for n, column in enumerate(columns):
        if column is None:
            continue
        try:
            values[column.name] = column.parsed(found.cells[n] if n < len(found.cells) else "")
        except BadCell as bad:
            problems.append(f"{column.name}: {bad}")
    problem = "; ".join(problems)
    return Parsed(found.file, found.row, found.cells, None if problem else values, problem)


def work(job: Job, by: Actor, until: float) -> bool:
    """Import a sheet's file, or try it, for one slice; return whether rows are left.

    Each chunk is written and counted by one transaction, so a killed worker writes nothing twice.
    """
    sheet = sheets()[job.asked["sheet"]]
    require(by, sheet.right)
    taken = job.result.get("chunks", 0)
    with file_of(job) as kept:
        try:
            parsed = understood(kept, sheet, job.asked.get("encoding", ""))
            for index, rows in enumerate(
                in_sets(parsed, most=CHUNK, weight=lambda row: row.weight)
            ):
                if index < taken:
                    continue
                if time.monotonic() > until:
                    return True
                went_on = perform(
                    actions.import_sheet_rows,
                    job_id=job.pk,
                    index=index,
                    rows=rows,
                    write=sheet.write,
                    dry_run=job.asked["dry_run"],
                    by=by,
                    now=timezone.now(),
                )
                if not went_on:
                    if Job.objects.filter(pk=job.pk, stop_asked=True).exists():
                        perform(
                            actions.end_job, job_id=job.pk, status="stopped", now=timezone.now()
                        )
                    return False
        except Unreadable as error:
            perform(
                actions.end_job,
                job_id=job.pk,
                status="failed",
                error=str(error),
                now=timezone.now(),
            )
            return False
    perform(actions.end_job, job_id=job.pk, status="done", now=timezone.now())
    return False


def as_csv(sheet: Sheet, rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Export a sheet as CSV, piece by piece, with the headings it is read by."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.name for column in sheet.columns])
    for n, row in enumerate(rows, start=1):
        writer.writerow([guarded(_cell(value)) for value in row])
        if n % 1000 == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def as_xlsx(sheet: Sheet, rows: Iterable[Sequence[object]]) -> bytes:
    """Export a sheet as a workbook, codes as text so that no leading zero is lost."""
    stream = io.BytesIO()
    book = open_workbook(stream)
    page = book.add_worksheet(sheet.name[:31])
    page.freeze_panes(1, 0)
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, column.name)
    for index, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                page.write_number(index, place, float(value))
            else:
                write_text(page, index, place, _cell(value))
    book.close()
    return stream.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return plain(value)
