"""Stores incoming messages and the connections they come by."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.access.models import LASTING


class IncomingMessage(models.Model):
    """One foreign message as it was received. Kept, committed, before it is acknowledged.

    delivery     what makes it this delivery and no other: the sender's id, or a hash of what it says
    origin       the shop it says it is from; recorded, never a reason to refuse
    external_id  the channel's id of the order it is about, once it was read
    cause        why it is held or failed: a code with `params`, in words by `orders.intake.messages.wording`;
                 of "order_unknown" also what is left once the orders it waits for have come
    Holds personal data: the body may be erased.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", _("Unprocessed")
        PROCESSED = "processed", _("Processed")
        HELD = "held", _("Held back")  # no order can be made of it yet
        FAILED = "failed", _("Failed")  # tried five times; a person must look

    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    source = models.CharField(_("source"), max_length=20)  # shopify, woocommerce
    topic = models.CharField(_("topic"), max_length=80)
    delivery = models.CharField(max_length=200)
    origin = models.CharField(_("origin"), max_length=200, default="")
    body = models.BinaryField()
    received_at = models.DateTimeField(db_default=Now())
    status = models.CharField(_("state"), max_length=10, choices=Status, db_default=Status.RECEIVED)
    cause = models.CharField(max_length=60, db_default="")
    params = models.JSONField(db_default={})
    attempts = models.PositiveSmallIntegerField(db_default=0)  # that failed, or killed their worker
    is_leased = models.BooleanField(
        default=False, db_default=False
    )  # a worker has it until `due_at`
    due_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=100, db_default="")
    order = models.ForeignKey("orders.Order", models.SET_NULL, null=True, related_name="messages")
    also = models.ManyToManyField("orders.Order", related_name="+")  # where it holds several

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "source", "delivery"], name="message_received_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "processed", "held", "failed"]),
                name="message_status_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(status="received"), name="message_to_read"
            ),
            models.Index(
                fields=["-id"],
                condition=Q(status__in=["held", "failed"]),
                name="message_to_look_at",
            ),
            models.Index(fields=["id"], condition=Q(status="failed"), name="incoming_failed"),
            models.Index(fields=["channel", "-id"], name="message_of_channel"),
            models.Index(
                fields=["channel", "external_id"],
                condition=~Q(external_id=""),
                name="message_about",
            ),
            GinIndex(
                F("params__waiting"),
                fastupdate=False,
                condition=Q(cause="order_unknown"),
                name="message_waits_for",
            ),
        ]


class Connection(models.Model):
    """A place that a channel's messages are fetched from: one worker at a time, and left alone while it fails.

    not_before   the circuit is open until then: nobody asks, nobody tells
    """

    is_active = models.BooleanField(_("active"), default=True)
    leased_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, default="")

    class Meta:
        abstract = True
