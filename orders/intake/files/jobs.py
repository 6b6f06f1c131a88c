"""Runs the import of an order file: surveyed once, then placed chunk by chunk."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from erp.access.models import Actor, Channel
from erp.access.queries import channel_by_code, require
from erp.errors import DomainError
from erp.files import Header, RawRow, Source, Unreadable, in_sets, read_rows
from erp.jobs.actions import end_job
from erp.jobs.models import Job
from erp.jobs.runner import file_of
from erp.once import perform
from erp.sandbox.limits import ReaderStopped
from erp.zones import sound_zone
from orders.intake.files import remittances
from orders.intake.files.actions.orders import (
    FIELDS_OF,
    begin_order_file,
    counted,
    import_order_chunk,
    keep_order_file,
)
from orders.intake.files.actions.remittances import import_remittance_chunk
from orders.intake.files.cells import any_filled
from orders.intake.files.headings import is_header, missing, plain, suggested
from orders.intake.files.models import OrderLayout
from orders.intake.files.orders import OrderReader
from orders.intake.files.rows import Reading, Survey, TooMuch, grouped, survey

CHUNK = 500  # orders in one transaction


SHOWN = 5  # rows that the mapping page shows of a file


@dataclass(frozen=True)
class Preview:
    """A file as the mapping page shows it: its headings, its first rows, how they are likely meant.

    what      "orders" or "remittance"
    encoding  what it was declared to be in; "": what its bytes look like
    """

    what: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    columns: dict[str, str]
    payment: str
    country: str
    layout: str
    encoding: str = ""


# The number of the chunk, the action that takes it, what of it the action is given, how many rows it has.
Chunk: TypeAlias = tuple[int, Callable[..., bool], dict[str, object], int]


def preview(file: Job, encoding: str | None = None) -> Preview:
    """The headings and first rows of a kept file, mapped as last time or as the headings suggest.

    encoding   what it is declared to be in, "" what its bytes look like; None: as the layout of its headings says
    Raises Unreadable.
    """
    with file_of(file) as kept:
        if encoding is None:
            encoding = _encoding_of(kept)
        what, surveyed = _headings_of(kept, encoding)
        rows = [row.cells for row in _rows_after(kept, surveyed.head, encoding)]
    header = surveyed.header
    known = _layout_of(header)
    if known is None:
        columns = suggested(header, FIELDS_OF[what])
        return Preview(what, header, rows, columns, "unpaid", "", "", encoding)
    options = known.options
    return Preview(
        what,
        header,
        rows,
        known.columns,
        options.get("payment", "unpaid"),
        options.get("country", ""),
        known.name,
        encoding,
    )


def _headings_of(file: Source, encoding: str) -> tuple[str, Survey]:
    """What a file is of, and what its first rows tell."""
    reading = Reading(
        {}, "XXX", ZoneInfo("UTC"), encoding=encoding
    )  # XXX: no currency (ISO 4217); nothing is priced yet
    try:
        surveyed = survey(_first_rows(file, encoding), reading)
        if missing(suggested(surveyed.header), surveyed.header):
            other = survey(_first_rows(file, encoding), reading, remittances.BY_NAME)
            if is_header(other.header, remittances.FIELDS):
                return "remittance", other
    except TooMuch as much:
        raise Unreadable(_too_much(much)) from much
    return "orders", surveyed


def _too_much(much: TooMuch) -> str:
    return _(
        "Row %(row)s: order %(order)s has more than 2,000 rows or 8 million characters, or the rows of "
        "too many orders are scattered. Sort the file by order number."
    ) % {"row": much.row, "order": much.order}


def _layout_of(header: Sequence[str]) -> OrderLayout | None:
    """The newest layout of these headings."""
    return OrderLayout.objects.filter(headings="\n".join(map(plain, header))).last()


def _encoding_of(file: Source) -> str:
    """The encoding that was declared for the last file with the headings that this one has in it; "": none was.

    In another one its headings are other words: each that a layout was declared with is tried.
    """
    kept = OrderLayout.objects.order_by("-pk").values_list("options", flat=True)
    declared = dict.fromkeys(str(options.get("encoding", "")) for options in kept)
    for encoding in filter(None, declared):
        try:
            known = _layout_of(_headings_of(file, encoding)[1].header)
        except Unreadable as error:
            if isinstance(error.__cause__, ReaderStopped):
                raise  # in any other encoding it would be stopped as well, and each time take as long
            continue
        if known is not None and known.options.get("encoding") == encoding:
            return encoding
    return ""


def _first_rows(file: Source, encoding: str) -> Iterator[Header | RawRow]:
    return islice(read_rows(file, encoding), 200)


def _rows_after(file: Source, head: int, encoding: str) -> list[RawRow]:
    rows = (row for row in _first_rows(file, encoding) if isinstance(row, RawRow))
    return [row for row in rows if row.row > head][:SHOWN]


def work(
    job: Job, by: Actor, until: float, advanced: Callable[[int], None] = lambda rows: None
) -> bool:
    """Take a file's orders in, or only try it, for a slice of time; return whether something is left.

    advanced   called with the rows of each chunk that was taken
    """
    require(by, "orders.place")
    channel = channel_by_code(job.asked["channel"])
    file = Job.objects.get(pk=job.asked["file"])
    reading = reading_of(job.asked, channel)
    with file_of(file) as kept:
        try:
            what = job.asked["what"]
            fields = FIELDS_OF[what]
            surveyed = _surveyed(job, kept, reading)
            if lacking := missing(reading.columns, surveyed.header, fields):
                names = ", ".join(str(field.title) for field in lacking)
                raise Unreadable(_("The file has no column for: %(names)s.") % {"names": names})
            if not surveyed.rows:
                raise Unreadable(
                    _("%(file)s holds no row below its headings.") % {"file": file.name}
                )
            chunks = _chunks if what == "orders" else _remitted
            return _take(
                job,
                by,
                until,
                chunks(kept, surveyed, reading, job.result.get("taken", 0)),
                surveyed,
                channel,
                advanced,
            )
        except TooMuch as much:
            why = _too_much(much)
            perform(end_job, job_id=job.pk, status="failed", error=why, now=timezone.now())
            return False
        except (Unreadable, DomainError) as error:
            perform(end_job, job_id=job.pk, status="failed", error=str(error), now=timezone.now())
            return False


_looked_at: dict[
    tuple[int, datetime], Survey
] = {}  # the last file that this process looked through


def _surveyed(job: Job, file: Source, reading: Reading) -> Survey:
    """What a look through the whole file tells; a worker's next turn need not look again."""
    key = (job.pk, job.started_at)
    if key not in _looked_at:
        fields = {field.name: field for field in FIELDS_OF[job.asked["what"]]}
        _looked_at.clear()
        _looked_at[key] = survey(read_rows(file, reading.encoding), reading, fields)
    return _looked_at[key]


def reading_of(asked: Mapping[str, Any], channel: Channel) -> Reading:
    """How a job was asked to read its file."""
    return Reading(
        columns=asked["columns"],
        currency=channel.currency,
        zone=ZoneInfo(sound_zone(channel.time_zone)),
        payment=asked["options"].get("payment", "unpaid"),
        country=asked["options"].get("country", ""),
        now=timezone.now(),
        encoding=asked["options"].get("encoding", ""),
    )


def _take(
    job: Job,
    by: Actor,
    until: float,
    chunks: Iterator[Chunk],
    surveyed: Survey,
    channel: Channel,
    advanced: Callable[[int], None],
) -> bool:
    for index, action, given, rows in chunks:
        if time.monotonic() > until:
            return True
        went_on = perform(
            action,
            job_id=job.pk,
            index=index,
            total_rows=surveyed.rows,
            channel=channel,
            dry_run=job.asked["dry_run"],
            by=by,
            now=timezone.now(),
            **given,
        )
        if not went_on:
            if Job.objects.filter(pk=job.pk, stop_asked=True).exists():
                perform(end_job, job_id=job.pk, status="stopped", now=timezone.now())
            return False
        advanced(rows)
    perform(end_job, job_id=job.pk, status="done", now=timezone.now())
    return False


def _chunks(file: Source, surveyed: Survey, reading: Reading, taken: int) -> Iterator[Chunk]:
    """The file's orders from where it was left, with how many came before them."""
    reader = OrderReader(reading, surveyed)
    groups = islice(grouped(read_rows(file, reading.encoding), surveyed, reading), taken, None)
    for chunk in in_sets(groups, most=CHUNK, weight=_weight):
        orders = [(len(rows), *reader.read(rows)) for rows in chunk]
        rows = sum(len(group) for group in chunk)
        yield taken, import_order_chunk, {"orders": orders}, rows
        taken += len(chunk)


def _weight(rows: Sequence[RawRow]) -> int:
    return sum(row.weight for row in rows)


def _remitted(file: Source, surveyed: Survey, reading: Reading, taken: int) -> Iterator[Chunk]:
    """The file's payments from where it was left. All rows are read: a repeated one is known by the first."""
    reader = remittances.RemittanceReader(reading, surveyed)
    rows = (
        (row.weight, reader.read(row))
        for row in read_rows(file, reading.encoding)
        if isinstance(row, RawRow) and row.row > surveyed.head and any_filled(row.cells)
    )
    for _known in islice(rows, taken):
        pass
    for chunk in in_sets(rows, most=CHUNK, weight=lambda row: row[0]):
        yield (
            taken,
            import_remittance_chunk,
            {"rows": [row for _weight, row in chunk]},
            len(chunk),
        )
        taken += len(chunk)


def run(
    path: Path,
    *,
    channel: Channel,
    layout: OrderLayout | None,
    dry_run: bool,
    by: Actor,
    advanced: Callable[[int], None] = lambda rows: None,
) -> dict[str, Any]:
    """Take a file of orders in from beginning to end, or only try it; return its figures.

    layout   None: the columns are what their headings suggest
    Raises Unreadable, or Invalid naming each field that has no column.
    """
    began = time.monotonic()
    file = perform(
        keep_order_file,
        name=path.name,
        pieces=_pieces(path),
        channel=channel,
        by=by,
        now=timezone.now(),
    )
    shown = preview(file, layout.options.get("encoding", "") if layout else None)
    options = (
        layout.options
        if layout
        else {
            "payment": shown.payment,
            "country": shown.country,
            "encoding": shown.encoding,
        }
    )
    job = perform(
        begin_order_file,
        file_id=file.pk,
        what=shown.what,
        columns=layout.columns if layout else shown.columns,
        payment=options["payment"],
        country=options["country"],
        encoding=options.get("encoding", ""),
        dry_run=dry_run,
        save_as="",
        headings=shown.header,
        language="",
        is_ours=True,
        by=by,
        now=timezone.now(),
    )
    work(job, by, math.inf, advanced)
    job.refresh_from_db()
    if job.status == "failed":
        raise Unreadable(job.error)
    return counted(job) | {"job": job.pk, "seconds": round(time.monotonic() - began, 2)}


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(4 * 1024 * 1024):
            yield piece
