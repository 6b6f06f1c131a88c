"""Says which jobs wait for a worker and which failed, and resumes those."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.backlogs import Backlog
from erp.jobs.actions import retry_job
from erp.jobs.models import Job
from erp.wiring import JOBS

OURS = ", ".join(f"'{kind}'" for kind in JOBS)  # the others are a command's own
BACKLOG = Backlog(
    name="jobs",
    label=_("Jobs"),
    table="erp_job",
    waiting=f"status = 'running' AND kind IN ({OURS}) AND (leased_until IS NULL OR leased_until < now())",
    parked=f"status = 'failed' AND kind IN ({OURS})",
    late=timedelta(minutes=2),
    note="kind",
    right="settings.edit",
    replay="erp.jobs.backlog.resume_failed",
    due="updated_at",
)


@transaction.atomic(savepoint=False)
def resume_failed(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Go on with jobs that failed; return how many."""
    require(by, BACKLOG.right)
    failed = Job.objects.filter(pk__in=ids, status="failed", kind__in=JOBS).order_by("pk")
    found = list(failed.values_list("pk", flat=True))
    for pk in found:
        retry_job(job_id=pk, by=by, now=now)
    return len(found)
