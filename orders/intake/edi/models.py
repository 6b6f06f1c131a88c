"""Stores acknowledgements owed to trading partners."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.access.models import LASTING
from orders.intake.messages.models import IncomingMessage


class OutgoingDocument(models.Model):
    """What a partner is owed an answer in its own notation: made once there is one, kept after it is fetched.

    key       which answer it is: "" to the order, "cancelled" when it was cancelled after all
    message   the order as the partner wrote it
    due_at    when it is tried next; one that failed is tried later and later
    parked_at since when it is given up and waits for a person
    """

    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="documents")
    message = models.ForeignKey(IncomingMessage, models.PROTECT, related_name="+")
    kind = models.CharField(_("what"), max_length=20, default="acknowledgement")
    notation = models.CharField(_("notation"), max_length=20)  # x12, edifact, ubl
    key = models.CharField(max_length=20, default="", blank=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(db_default=Now())
    parked_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, default="", db_default="", blank=True)
    made_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "key"], name="outgoing_document_once"),
            models.CheckConstraint(
                condition=Q(made_at=None, body=None, fetched_at=None)
                | Q(made_at__isnull=False, body__isnull=False),
                name="outgoing_document_made_whole",
            ),
            models.CheckConstraint(
                condition=Q(parked_at=None) | Q(made_at=None),
                name="outgoing_document_parked_unmade",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "-id"], name="outgoing_document_newest"),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(made_at=None, parked_at=None),
                name="outgoing_document_due",
            ),
            models.Index(
                fields=["id"],
                condition=Q(parked_at__isnull=False),
                name="outgoing_document_parked",
            ),
            models.Index(
                fields=["channel", "id"],
                condition=Q(fetched_at=None, made_at__isnull=False),
                name="outgoing_document_to_fetch",
            ),
        ]
