"""Stores the history of master data and settings, written by triggers."""

from django.db import models
from django.db.models.functions import Now


class HistoryEntry(models.Model):
    """One change of one master-data row: who, when, before and after. Append-only."""

    table = models.CharField(max_length=60)
    row = models.CharField(max_length=60)
    change = models.CharField(max_length=10)  # insert, update, delete
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    by = models.BigIntegerField(null=True)  # the actor named by `SET LOCAL throughline.actor`
    at = models.DateTimeField(db_default=Now())

    # What lists add to a row before they show it.
    shown_by: str

    class Meta:
        indexes = [models.Index(fields=["table", "row", "id"], name="history_of_row")]


class AuditRun(models.Model):
    """One proof of all invariants, as the night's round or `manage.py audit` made it.

    found   code -> number of violations, of those that did not hold
    """

    at = models.DateTimeField()
    seconds = models.FloatField()
    laws = models.PositiveIntegerField()
    broken = models.PositiveIntegerField()
    found = models.JSONField(default=dict)
