"""Has work done again that was given up."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict
from erp.jobs.actions import retry_job
from erp.jobs.backlog import BACKLOG as JOBS_BACKLOG
from erp.jobs.models import Job
from erp.parked.queries import backlog_named
from erp.security.actions import record_security_event
from erp.wiring import JOBS, resolve


@transaction.atomic(savepoint=False)
def replay_parked(*, queue: str, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Have parked rows of a queue done again, with all their tries; return how many.

    Raises NotAllowed without the queue's right, Conflict where none of the rows is parked.
    """
    backlog = backlog_named(queue)
    if backlog is None:
        raise Conflict(_("There is no such queue."))
    require(by, backlog.right)
    done: int = resolve(backlog.replay)(ids=ids, by=by, now=now)
    if not done:
        raise Conflict(_("None of these is parked."))
    facts = {"queue": queue, "rows": done}
    record_security_event(kind="parked_replayed", actor=by.pk, facts=facts)
    return done


@transaction.atomic(savepoint=False)
def resume_failed_jobs(*, ids: Sequence[int], by: Actor, now: datetime) -> int:
    """Go on with jobs that failed; return how many."""
    require(by, JOBS_BACKLOG.right)
    failed = Job.objects.filter(pk__in=ids, status="failed", kind__in=JOBS).order_by("pk")
    found = list(failed.values_list("pk", flat=True))
    for pk in found:
        retry_job(job_id=pk, by=by, now=now)
    return len(found)
