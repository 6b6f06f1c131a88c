"""Stores notifications to customers, one row per message."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """One notification to one recipient. Holds personal data, so it may be erased."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    class Medium(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("Text message")

    # Without a constraint: events are forgotten after a while (erp/privacy), messages are kept longer.
    event = models.ForeignKey("erp.Event", models.DO_NOTHING, db_constraint=False)
    medium = models.CharField(max_length=5, choices=Medium, db_default="email")
    template = models.CharField(max_length=40)
    subject_ref = models.CharField(max_length=60)  # "order:42": whose timeline shows it
    language = models.CharField(max_length=10)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField()
    attachment = models.CharField(max_length=120, default="")  # a paper: "purchase_order:7"
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)  # that failed, or killed their worker
    is_leased = models.BooleanField(
        default=False, db_default=False
    )  # a worker has it until `due_at`
    due_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "template", "recipient"], name="message_once_per_event"
            )
        ]
        indexes = [
            models.Index(fields=["subject_ref"], name="message_by_subject"),
            models.Index(fields=["due_at"], condition=Q(status="waiting"), name="message_due"),
            models.Index(fields=["id"], condition=Q(status="failed"), name="message_failed"),
        ]
