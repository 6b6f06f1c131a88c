"""Long work: what was asked, how far it is, what failed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One import, export or bulk action, with its progress. It can be stopped and resumed."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    by = models.ForeignKey("erp.Actor", models.PROTECT)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    asked = models.JSONField(default=dict)  # the parameters
    result = models.JSONField(default=dict)  # the figures so far
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    stop_asked = models.BooleanField(default=False)
    error = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="running", finished_at=None)
                | (~Q(status="running") & Q(finished_at__isnull=False)),
                name="job_finished_when_not_running",
            )
        ]


class JobFinding(models.Model):
    """One row of the input that was rejected or flagged: which, why, and what it said."""

    job = models.ForeignKey(Job, models.CASCADE)
    file = models.CharField(max_length=200)
    row = models.PositiveIntegerField()  # as a spreadsheet counts: the header is row 1
    severity = models.CharField(max_length=10)  # rejected, flagged
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    raw = models.JSONField(default=list)
