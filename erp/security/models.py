"""Stores security events."""

from django.db import models
from django.db.models.functions import Now


class SecurityEvent(models.Model):
    """One thing that touched sign-in, rights, secrets or the safety of the data. Append-only.

    kind      of erp/security/kinds.py
    actor_id  who did it; null: nobody who is known
    address   where it came from; "" where that was no request
    facts     ids, codes and plain values: never a name, an e-mail address or what somebody typed
    """

    kind = models.CharField(max_length=40)
    actor_id = models.BigIntegerField(null=True)
    address = models.CharField(max_length=45, default="")
    request_id = models.CharField(max_length=64, default="")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    # What lists add to a row before they show it.
    shown_by: str

    class Meta:
        indexes = [
            models.Index(fields=["kind", "-id"], name="security_by_kind"),
            models.Index(fields=["actor_id", "-id"], name="security_by_actor"),
        ]
