"""Runs jobs in workers: in slices, under a lease, resumed where the last worker stopped."""

import csv
import io
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from billiard import current_process
from django.db import DatabaseError, connection
from django.utils import timezone, translation

from erp.access.models import Actor
from erp.access.queries import actor_of_user, require
from erp.errors import DomainError, InProgress
from erp.files import KeptFile
from erp.jobs import actions
from erp.jobs.cells import as_workbook, guarded, plain
from erp.jobs.models import Job, JobFile, JobItem
from erp.keyset import decode_cursor, encode_cursor, first_full_page
from erp.once import perform
from erp.queries import by_pages
from erp.wiring import JOBS, LOG_REVEAL, resolve
from erp.zones import sound_zone

logger = logging.getLogger(__name__)
SLICE_S = 20.0  # a worker's turn, so that one long job does not keep the others waiting
EVERY_S = 1.0  # how often progress is noted
KEPT_EVERY_S = 5.0  # a lease, while its worker lives
PATIENCE = 2  # times that a lease was kept after somebody asked for a stop
AT_ONCE = 200  # rows looked up together
EXPORTED_AT_ONCE = 1000


def goes_on(job: Job, *, done: int, result: Mapping[str, object]) -> bool:
    """Note how far a job is and where to go on. False where somebody asked it to stop: then it has ended."""
    stop = perform(
        actions.note_progress,
        job_id=job.pk,
        done=done,
        failed=0,
        result=result,
        now=timezone.now(),
    )
    if stop:
        perform(actions.end_job, job_id=job.pk, status="stopped", now=timezone.now())
    return not stop


def work(job_id: int) -> bool:
    """Work on a leased job for one slice; return whether work is left.

    Nothing is lost when the process dies anywhere in here: a row is marked done by the
    transaction that does it, a piece of a file together with where to go on.
    """
    job = Job.objects.select_related("by__user").filter(pk=job_id, status="running").first()
    if job is None:
        return False
    language = job.asked.get("language") or (job.by.user.language if job.by.user else "")
    try:
        with translation.override(language or "en"), kept_lease(job_id):
            left: bool = resolve(JOBS[job.kind])(job, _whose(job), time.monotonic() + SLICE_S)
    except DatabaseError:
        logger.exception("Job %s waits for the database", job_id)
        raise
    except Exception as error:
        logger.exception("Job %s failed", job_id)
        perform(
            actions.end_job,
            job_id=job_id,
            status="failed",
            error=f"{type(error).__name__}: {error}",
            now=timezone.now(),
        )
        return False
    if left:
        perform(actions.release_lease, job_id=job_id, now=timezone.now())
    return left


@contextmanager
def kept_lease(job_id: int) -> Iterator[None]:
    """Lengthen a job's lease as long as this process works on it, however long one step of it takes.

    A process that is asked to stop and does not is ended: what it did is done, and the job has stopped.
    """
    over = threading.Event()

    def keep() -> None:
        asked = 0
        while not over.wait(KEPT_EVERY_S):
            try:
                asked = (
                    asked + 1
                    if perform(actions.keep_lease, job_id=job_id, now=timezone.now())
                    else 0
                )
                if asked > PATIENCE and not over.is_set() and is_pool_process():
                    perform(actions.end_job, job_id=job_id, status="stopped", now=timezone.now())
                    os.kill(os.getpid(), signal.SIGKILL)
            except (DatabaseError, InProgress) as error:
                logger.warning("The lease of job %s could not be kept: %s", job_id, error)
        connection.close()

    keeper = threading.Thread(target=keep, name=f"lease of job {job_id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def is_pool_process() -> bool:
    """Whether this process is one of a worker's pool, which starts another one in its place."""
    return bool(current_process().daemon)


def _whose(job: Job) -> Actor:
    """Who asked, with the rights they have by now."""
    if job.by.user_id is None:
        return job.by
    return actor_of_user(job.by.user_id) or job.by  # switched off: no right is left


@contextmanager
def file_of(job: Job) -> Iterator[KeptFile]:
    """Return the file uploaded with a job while it is worked on. Its name is its sender's: nothing is called so here.

    One of 120 Chinese characters was too long for a path, and ended the page with a server error.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        with path.open("wb") as file:
            for piece in by_pages(JobFile.objects.filter(job=job), most=1):
                file.write(bytes(piece.content))
        yield KeptFile(path, job.name)


def bulk(job: Job, by: Actor, until: float) -> bool:
    """Perform an action on every waiting row, each in its own transaction."""
    from erp.lists.page import list_by_name

    verb = list_by_name(job.asked["list"]).verb(job.asked["verb"])
    arguments = job.asked["arguments"]
    undoes = "undoes" in job.asked
    action = verb.undo if undoes and verb.undo else verb.action
    before = None if undoes else verb.before
    noted = time.monotonic()
    while True:
        ids = list(
            JobItem.objects.filter(job=job, status="pending")
            .order_by("pk")
            .values_list("pk", flat=True)[:AT_ONCE]
        )
        for item_id in ids:
            try:
                perform(
                    actions.do_item,
                    item_id=item_id,
                    verb=action,
                    target=verb.target,
                    undoes=undoes,
                    before=before,
                    arguments=arguments,
                    by=by,
                    now=timezone.now(),
                )
            except DomainError as refusal:
                details = " ".join(error.detail for error in refusal.errors)
                perform(actions.fail_item, item_id=item_id, error=f"{refusal} {details}".strip())
            if time.monotonic() - noted > EVERY_S:
                noted = time.monotonic()
                if perform(actions.count_items, job_id=job.pk, now=timezone.now()):
                    _end(job, "stopped")
                    return False
                if noted > until:
                    return True
        if not ids:
            perform(actions.count_items, job_id=job.pk, now=timezone.now())
            _end(job, "done")
            return False


def export(job: Job, by: Actor, until: float) -> bool:
    """Export a list's rows as CSV pieces, resuming after the last one written, in the zone of the page."""
    with timezone.override(_zone_of(job, by)):
        return _export(job, by, until)


def _zone_of(job: Job, by: Actor) -> ZoneInfo:
    """The zone of the page that an export was asked on: its moments and days are those that the page shows."""
    own = by.user.time_zone if by.user else ""
    return ZoneInfo(sound_zone(job.asked.get("zone") or own))


def _export(job: Job, by: Actor, until: float) -> bool:
    from erp.lists.exports import exported_columns, exported_rows, lines_shown, rights_shown
    from erp.lists.page import Asked, list_by_name

    page = list_by_name(job.asked["list"])
    require(by, page.right)
    asked = Asked.of(page, job.asked["query"])
    order = page.order_of(asked)
    chosen = page.columns_for(by, job.asked["columns"])
    columns, lines = exported_columns(chosen), lines_shown(chosen)
    rights = rights_shown(page.columns, chosen, by)
    rows = page.everything(by, asked)
    is_book = job.asked["format"] == "xlsx"
    position = job.result.get("position", 0)
    cursor, done = job.result.get("cursor", ""), job.done
    while time.monotonic() < until:
        before = decode_cursor(cursor, order, rows) if cursor else []
        found = first_full_page([rows], order, before, EXPORTED_AT_ONCE)
        more, found = len(found) > EXPORTED_AT_ONCE, found[:EXPORTED_AT_ONCE]
        if page.prepare:
            page.prepare(found)
        text = io.StringIO()
        writer = csv.writer(text)
        if not position:
            writer.writerow([str(column.label) for column in columns])
        for row in found:
            for values in exported_rows(columns, lines, row):
                cells = [plain(value) for value in values]
                writer.writerow(cells if is_book else map(guarded, cells))
        done += len(found)
        cursor = encode_cursor(order, found[-1]) if found else cursor
        content = text.getvalue().encode()
        if not perform(
            actions.append_file,
            job_id=job.pk,
            position=position,
            content=content,
            done=done,
            result={"position": position + 1, "cursor": cursor, "rights": rights},
            now=timezone.now(),
        ):
            if Job.objects.filter(pk=job.pk, stop_asked=True, status="running").exists():
                _end(job, "stopped")
            return False
        position += 1
        if not more:
            if rights:
                _note_reveal(job, by, f"export {page.name} {done}", rights[0])
            if is_book:
                content = as_workbook(lines_of(job.pk), [column.kind for column in columns])
                perform(actions.replace_file, job_id=job.pk, content=content, now=timezone.now())
            _end(job, "done")
            return False
    return True


def _note_reveal(job: Job, by: Actor, why: str, right: str) -> None:
    """Write down that an export shows what is masked for others: of which list, and of how many rows."""
    perform(
        resolve(LOG_REVEAL),
        subject=f"job:{job.pk}",
        why=why,
        right=right,
        by=by,
        now=timezone.now(),
    )


def _end(job: Job, status: str) -> None:
    perform(actions.end_job, job_id=job.pk, status=status, now=timezone.now())


def lines_of(job_id: int) -> Iterator[str]:
    """Read the lines of a job's CSV, piece by piece."""
    pieces = JobFile.objects.filter(job_id=job_id).order_by("position")
    for position in range(pieces.count()):
        piece = pieces.filter(position=position).values_list("content", flat=True).get()
        yield from io.StringIO(bytes(piece).decode(), newline="")
