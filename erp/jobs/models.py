"""Stores long-running jobs: the request, progress, failed rows and resulting files."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One import, export or bulk action, with its progress. It can be stopped and resumed.

    A worker holds a lease while it works; a job that runs without one waits for a worker. Its row
    is the record, the broker's message only a hint: a killed worker costs the rest of its lease.
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    kind = models.CharField(max_length=40)  # one of erp.wiring.JOBS, or of a command's own
    name = models.CharField(max_length=200)
    by = models.ForeignKey("erp.Actor", models.PROTECT)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    asked = models.JSONField(default=dict)  # the parameters
    result = models.JSONField(default=dict)  # the figures so far, and where to go on
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    deaths = models.PositiveSmallIntegerField(default=0, db_default=0)  # workers lost in a row
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
        indexes = [
            models.Index(fields=["id"], condition=Q(status="running"), name="job_running"),
            models.Index(fields=["id"], condition=Q(status="failed"), name="job_failed"),
        ]


class JobItem(models.Model):
    """One row that a bulk action is to be done to: exactly once, or failed with its reason."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, models.CASCADE, db_index=False)
    ref = models.BigIntegerField()  # the row's primary key
    label = models.CharField(max_length=60)  # what people call it
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    error = models.TextField(default="")
    before = models.JSONField(null=True)  # what it was, where the action can be undone

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "ref"], name="job_item_once"),
            models.CheckConstraint(
                condition=Q(status="failed") | Q(error=""), name="job_item_error_when_failed"
            ),
        ]
        indexes = [models.Index(fields=["job", "status", "id"], name="job_item_by_status")]


class JobFile(models.Model):
    """A piece of the file that a job makes: kept here, where every worker and web process is."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, models.CASCADE, db_index=False)
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="job_file_in_order")
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
