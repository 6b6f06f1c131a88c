"""Reads the jobs that a person may see."""

from django.db.models import QuerySet

from erp.access.models import Actor
from erp.jobs.models import Job


def jobs_visible_to(actor: Actor) -> QuerySet[Job]:
    """Return somebody's own jobs; all of them with the right to view settings."""
    jobs = Job.objects.select_related("by")
    return jobs if "settings.view" in actor.verbs else jobs.filter(by=actor)
