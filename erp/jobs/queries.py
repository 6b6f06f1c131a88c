"""Reads the jobs that a person may see, and whether one waits for a worker."""

from datetime import datetime

from django.db.models import Q, QuerySet

from erp.access.models import Actor
from erp.jobs.models import Job
from erp.wiring import JOBS


def jobs_visible_to(actor: Actor) -> QuerySet[Job]:
    """Return somebody's own jobs; all of them with the right to view settings."""
    jobs = Job.objects.select_related("by")
    return jobs if "settings.view" in actor.verbs else jobs.filter(by=actor)


def has_waiting(*, now: datetime) -> bool:
    """Whether a job waits for a worker, or its worker died."""
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    return Job.objects.filter(free, status="running", kind__in=list(JOBS)).exists()
