"""Stores mailbox connections and order drafts."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.sealed import SealedText
from orders.intake.mail.states import DraftStatus
from orders.intake.messages.models import Connection, IncomingMessage


class OrderDraft(models.Model):
    """An order that somebody wrote about, as it was understood: a person makes an order of it, or none.

    reading   lines, name, address, day, issues: each with the words that say so and how sure that is
    Holds personal data: the reading may be erased.
    """

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    message = models.OneToOneField(IncomingMessage, models.PROTECT, related_name="draft")
    status = models.CharField(
        _("state"), max_length=10, choices=DraftStatus, default=DraftStatus.OPEN
    )
    sender = models.CharField(max_length=254, default="")
    subject = models.CharField(max_length=250, default="")
    text = models.TextField(default="")  # what is new in it
    reading = models.JSONField(default=dict)
    order = models.OneToOneField("orders.Order", models.PROTECT, null=True, related_name="draft")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="placed") | Q(order__isnull=False),
                name="draft_placed_as_an_order",
            )
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(status="open"), name="draft_to_read")]


class MailConnection(Connection):
    """The mailbox that a channel's letters are fetched from, and the last one that was.

    validity, last_uid   IMAP's number of the numbering, and of the last mail fetched within it
    since                what came before this day is left alone
    """

    channel = models.OneToOneField("erp.Channel", models.PROTECT, related_name="mailbox")
    host = models.CharField(_("address"), max_length=200)
    port = models.PositiveIntegerField(default=993)
    user = models.CharField(max_length=200)
    password = SealedText()
    folder = models.CharField(max_length=200, default="INBOX")
    since = models.DateField()
    validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user}@{self.host}"
