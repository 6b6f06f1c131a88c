"""Works on jobs of personal data: gives a person's data out as one file, and erases a person."""

import time

from django.utils import timezone

from erp.access.models import Actor
from erp.access.queries import require
from erp.jobs.actions import append_file, end_job
from erp.jobs.models import Job
from erp.jobs.runner import goes_on
from erp.once import perform
from erp.privacy.actions.erasure import erase_table, finish_erasure, next_table
from erp.privacy.archive import archive_of
from erp.privacy.files import erase_files
from erp.privacy.models import Erasure
from erp.privacy.person import find_person
from erp.privacy.register import write_register

PIECE = 1 << 20


def export_person(job: Job, by: Actor, _until: float) -> bool:
    """Write all that is kept of a person into the job's file."""
    require(by, "customers.export")
    archive = archive_of(find_person([job.asked["customer"]]), now=timezone.now())
    for position, start in enumerate(range(0, len(archive), PIECE)):
        perform(
            append_file,
            job_id=job.pk,
            position=position,
            content=archive[start : start + PIECE],
            done=position + 1,
            result={},
            now=timezone.now(),
        )
    perform(end_job, job_id=job.pk, status="done", now=timezone.now())
    return False


def erase_person(job: Job, _by: Actor, until: float) -> bool:
    """Go on with an erasure, a table at a time.

    Whoever asked may have lost the right since: it is finished all the same.
    """
    erasure = Erasure.objects.get(pk=job.asked["erasure"])
    if not erasure.counts:
        write_register()  # a restore after this one knows of it, however far it comes
    while table := next_table(erasure):
        perform(erase_table, erasure_id=erasure.pk, model=table.model, now=timezone.now())
        erasure.refresh_from_db()
        if not goes_on(job, done=len(erasure.counts), result={}):
            return False
        if time.monotonic() > until:
            return True
    erase_files(erasure.sought)
    perform(finish_erasure, erasure_id=erasure.pk, now=timezone.now())
    write_register()
    perform(end_job, job_id=job.pk, status="done", now=timezone.now())
    return False
