"""Keeping the row of a long job: begun, moved on, ended."""

from datetime import datetime
from typing import Any

from django.db import transaction

from erp.access.models import Actor
from erp.jobs.models import Job


@transaction.atomic(savepoint=False)
def begin_job(
    *, kind: str, name: str, asked: dict[str, Any], total: int | None, by: Actor, now: datetime
) -> Job:
    """Open the row of a job that starts now."""
    return Job.objects.create(
        kind=kind,
        name=name[:200],
        asked=asked,
        total=total,
        by=by,
        started_at=now,
        updated_at=now,
    )


@transaction.atomic(savepoint=False)
def note_progress(
    *, job_id: int, done: int, failed: int, result: dict[str, Any], now: datetime
) -> bool:
    """Note how far a job is; return whether somebody asked it to stop."""
    Job.objects.filter(pk=job_id).update(
        done=done, failed=failed, result=result, updated_at=now
    )
    return bool(Job.objects.values_list("stop_asked", flat=True).get(pk=job_id))


@transaction.atomic(savepoint=False)
def end_job(*, job_id: int, status: str, error: str = "", now: datetime) -> None:
    """Close a job's row: done, failed or stopped."""
    Job.objects.filter(pk=job_id).update(
        status=status, error=error[:2000], finished_at=now, updated_at=now
    )
