"""Runs a history import from beginning to end, chunk by chunk, with progress."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from erp.access.models import Actor, Channel
from erp.access.queries import channel_by_code, require
from erp.files import MOST_AT_ONCE, Header, Source, Unreadable, read_rows
from erp.jobs.actions import begin_job, end_job, note_progress
from erp.jobs.models import Job
from erp.jobs.runner import file_of
from erp.once import perform
from erp.zones import sound_zone
from orders.intake.files.layouts import LAYOUTS, Layout, MissingColumns, Reader, Rejected, Sold
from returns.history.actions.figures import Chunk, Figures, Repeats, tried
from returns.history.actions.rows import import_chunk, import_rows

CHUNK = 4000  # rows in one transaction


def run_import(
    path: Path,
    *,
    channel: Channel,
    layout: Layout,
    dry_run: bool,
    by: Actor,
    advanced: Callable[[int], None] = lambda rows: None,
) -> dict[str, Any]:
    """Import a file, a folder or an archive; return the figures as `--json` prints them.

    Killed half-way and run again it goes on where it was: a row taken in before is known.
    Raises Unreadable or MissingColumns; what was taken in before that stays.
    """
    began = time.monotonic()
    job = perform(
        begin_job,
        kind="import_orders",
        name=path.name,
        asked={"layout": layout.name, "channel": channel.code, "dry_run": dry_run},
        total=None,
        by=by,
        now=timezone.now(),
    )
    figures, stopped = Figures(), False
    try:
        for chunk in _chunks(path, layout, channel):
            if dry_run:
                done = tried(chunk)
            else:
                done = perform(
                    import_rows,
                    job_id=job.pk,
                    chunk=chunk,
                    by=by,
                    now=timezone.now(),
                )
            figures.add(done)
            advanced(done.rows)
            stopped = perform(
                note_progress,
                job_id=job.pk,
                done=figures.rows,
                failed=figures.rejected,
                result=shown(figures, began),
                now=timezone.now(),
            )
            if stopped:
                break
    except BaseException as error:
        perform(end_job, job_id=job.pk, status="failed", error=str(error), now=timezone.now())
        raise
    status = "stopped" if stopped else "done"
    perform(end_job, job_id=job.pk, status=status, now=timezone.now())
    return shown(figures, began) | {"job": job.pk}


def work(job: Job, by: Actor, until: float) -> bool:
    """Work on an import begun in the dashboard, for a slice of time; return whether something is left.

    Each chunk is taken in and counted by one transaction, so a killed worker counts nothing twice.
    """
    require(by, "imports.run")
    layout, channel = LAYOUTS[job.asked["layout"]], channel_by_code(job.asked["channel"])
    figures = Figures(**_typed(job.result.get("figures", {})))
    taken = job.result.get("chunks", 0)
    with file_of(job) as kept:
        try:
            for index, chunk in enumerate(_chunks(kept, layout, channel)):
                if index < taken:
                    continue
                if time.monotonic() > until:
                    return True
                done = perform(
                    import_chunk,
                    job_id=job.pk,
                    index=index,
                    figures=figures,
                    dry_run=job.asked["dry_run"],
                    chunk=chunk,
                    by=by,
                    now=timezone.now(),
                )
                if done is None:
                    if Job.objects.filter(pk=job.pk, stop_asked=True).exists():
                        perform(end_job, job_id=job.pk, status="stopped", now=timezone.now())
                    return False
                figures = done
        except (Unreadable, MissingColumns) as error:
            perform(end_job, job_id=job.pk, status="failed", error=str(error), now=timezone.now())
            return False
    perform(end_job, job_id=job.pk, status="done", now=timezone.now())
    return False


def _typed(stored: dict[str, Any]) -> dict[str, Any]:
    """Figures as they were, their amounts as decimals again."""
    return {n: Decimal(v) if n.startswith("amount") else v for n, v in stored.items()}


def shown(figures: Figures, began: float) -> dict[str, Any]:
    """The figures as JSON: amounts as unrounded strings."""
    plain = dataclasses.asdict(figures)
    plain |= {name: f"{plain[name]:f}" for name in ("amount", "amount_rejected")}
    return plain | {"seconds": round(time.monotonic() - began, 2)}


def _chunks(file: Source, layout: Layout, channel: Channel) -> Iterator[Chunk]:
    zone = ZoneInfo(sound_zone(channel.time_zone))
    repeats = Repeats()
    reader: Reader | None = None
    rows: list[tuple[bytes, Sold]] = []
    rejected: list[Rejected] = []
    weighs = 0
    for found in read_rows(file):
        if isinstance(found, Header):
            reader = Reader(layout, found.file, found.names, zone)
            continue
        assert reader is not None
        understood = reader.understand(found)
        if isinstance(understood, Rejected):
            rejected.append(understood)
        else:
            rows.append((repeats.key(understood), understood))
        weighs += found.weight
        if len(rows) + len(rejected) >= CHUNK or weighs >= MOST_AT_ONCE:
            yield Chunk(channel, layout.currency, rows, rejected)
            rows, rejected, weighs = [], [], 0
    if rows or rejected:
        yield Chunk(channel, layout.currency, rows, rejected)
