"""Stores erasures (the register), rows of ledgers that one changed, and how retention goes."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Erasure(models.Model):
    """That a person was erased: an entry of the register. It holds ids and hashes, nothing of the person.

    key             its name in the register's file, which outlives the database
    customers       ids of the customers that were this person (merged ones too)
    orders          ids of their orders when it was asked for
    contact_hashes  of their e-mail addresses and phone numbers, SHA-256 with the key before it
    kept            what the law has us keep, and until when: [[label, day]]
    counts          rows by table; a table that is in here is done
    sought          while it runs: the ids and words that the person is found by. Empty once it is done
    """

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customers = ArrayField(models.BigIntegerField())
    orders = ArrayField(models.BigIntegerField(), default=list)
    contact_hashes = ArrayField(models.CharField(max_length=64), default=list)
    kept = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    sought = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    asked_at = models.DateTimeField()
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="running", done_at=None)
                | models.Q(status="done", done_at__isnull=False),
                name="erasure_done_at_some_time",
            ),
            models.CheckConstraint(
                condition=models.Q(status="running") | models.Q(sought={}),
                name="erasure_forgets_whom_it_sought",
            ),
        ]


class ErasedRow(models.Model):
    """That an erasure took a person's words out of a row of a ledger. Append-only, written by the database itself."""

    erasure = models.ForeignKey(Erasure, models.PROTECT, related_name="rows", db_index=False)
    table = models.CharField(max_length=60)
    row = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["table", "row"], name="erased_row_of_table")]


class Retention(models.Model):
    """How a rule of retention goes: the merchant's days, where it walks, and what it did.

    days     None: the default
    after    id up to which its table was walked; begun anew once a week
    removed  rows in all
    """

    name = models.CharField(max_length=40, primary_key=True)
    days = models.PositiveIntegerField(null=True)
    after = models.BigIntegerField(default=0)
    anew_at = models.DateTimeField(null=True)
    ran_at = models.DateTimeField(null=True)
    last_removed = models.PositiveIntegerField(default=0)
    removed = models.BigIntegerField(default=0)
    is_behind = models.BooleanField(default=False)  # more was due than its turn took
