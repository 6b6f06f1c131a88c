"""Running an import from beginning to end: reading, chunk by chunk, with progress."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from erp.access.models import Actor, Channel
from erp.jobs.actions import begin_job, end_job, note_progress
from erp.once import perform
from orders.intake.files import Header, read_rows
from orders.intake.layouts import Layout, Reader, Rejected, Sold
from returns.actions.importing import Figures, Repeats, import_rows

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
        for rows, rejected in _chunks(path, layout, ZoneInfo(channel.time_zone)):
            if dry_run:
                done = _tried(rows, rejected)
            else:
                done = perform(
                    import_rows,
                    job_id=job.pk,
                    channel=channel,
                    currency=layout.currency,
                    rows=rows,
                    rejected=rejected,
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


def shown(figures: Figures, began: float) -> dict[str, Any]:
    """The figures as JSON: amounts as unrounded strings."""
    plain = dataclasses.asdict(figures)
    plain |= {name: f"{plain[name]:f}" for name in ("amount", "amount_rejected")}
    return plain | {"seconds": round(time.monotonic() - began, 2)}


def _chunks(
    path: Path, layout: Layout, zone: ZoneInfo
) -> Any:  # Iterator[tuple[list[tuple[bytes, Sold]], list[Rejected]]]
    repeats = Repeats()
    reader: Reader | None = None
    rows: list[tuple[bytes, Sold]] = []
    rejected: list[Rejected] = []
    for found in read_rows(path):
        if isinstance(found, Header):
            reader = Reader(layout, found.file, found.names, zone)
            continue
        assert reader is not None
        understood = reader.understand(found)
        if isinstance(understood, Rejected):
            rejected.append(understood)
        else:
            rows.append((repeats.key(understood), understood))
        if len(rows) + len(rejected) >= CHUNK:
            yield rows, rejected
            rows, rejected = [], []
    if rows or rejected:
        yield rows, rejected


def _tried(rows: list[tuple[bytes, Sold]], rejected: list[Rejected]) -> Figures:
    """What a chunk would have done, as far as the rows alone can tell."""
    by_kind = {
        kind: {r.document for _k, r in rows if r.kind == kind}
        for kind in ("order", "return", "adjustment", "entry")
    }
    return Figures(
        rows=len(rows) + len(rejected),
        accepted=len(rows),
        orders=len(by_kind["order"]),
        returns=len(by_kind["return"]),
        adjustments=len(by_kind["adjustment"]) + len(by_kind["entry"]),
        rejected=len(rejected),
        units=sum(row.quantity for _key, row in rows),
        amount=sum((row.amount for _key, row in rows), Figures().amount),
        amount_rejected=sum((row.amount for row in rejected), Figures().amount),
    )
