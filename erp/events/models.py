"""Stores the outbox, its deliveries to subscribers and the webhook endpoints."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class CurrentTransaction(models.Func):
    """The id of the running transaction, as a number that never wraps (PostgreSQL's xid8)."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class Event(models.Model):
    """One thing that happened, written in the transaction that did it. Append-only."""

    topic = models.CharField(max_length=60)  # "order.confirmed"
    subject = models.CharField(max_length=60)  # "order:42"
    channel_id = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)  # ids and plain values, never names or addresses
    at = models.DateTimeField(db_default=Now())
    # The transaction that wrote it: what lets a reader wait for those still under way.
    tx = models.BigIntegerField(db_default=CurrentTransaction())

    class Meta:
        indexes = [
            models.Index(fields=["at", "id"], name="event_by_time"),
            models.Index(fields=["tx", "id"], name="event_in_commit_order"),
        ]


class EventDelivery(models.Model):
    """One event's delivery to one subscriber, done or pending."""

    class Status(models.TextChoices):
        PENDING = "pending"  # waiting, or leased until `due_at`
        DONE = "done"  # the subscriber's own transaction has committed
        PARKED = "parked"  # failed five times; a person must look

    # Without a constraint: events are never deleted, and a law proves the rest.
    event = models.ForeignKey(Event, models.CASCADE, db_index=False, db_constraint=False)
    subscriber = models.CharField(max_length=80)
    status = models.CharField(max_length=10, choices=Status, db_default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(db_default=0)  # that failed, or killed their worker
    is_leased = models.BooleanField(
        default=False, db_default=False
    )  # a worker has it until `due_at`
    due_at = models.DateTimeField(db_default=Now())
    error = models.TextField(db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="event_delivered_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(status="pending"),
                name="event_delivery_due",
            ),
            models.Index(fields=["id"], condition=Q(status="parked"), name="event_delivery_parked"),
        ]


class Once(models.Model):
    """An idempotency row: a key and its answer, inserted in the transaction that did it."""

    scope = models.CharField(
        max_length=80
    )  # "api:7", "subscriber:messages.on_event", "tick:expire"
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64, db_default="")
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.BinaryField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="once_per_key")]
        indexes = [models.Index(fields=["at"], name="once_by_age")]


class Heartbeat(models.Model):
    """When a background process last proved that it consumes work, or a schedule's task last ran."""

    name = models.CharField(max_length=60, primary_key=True)  # "worker", "schedule:relay"
    at = models.DateTimeField()
    seconds = models.FloatField(null=True)  # how long a schedule's task took
    error = models.CharField(max_length=300, db_default="")
    failures = models.PositiveIntegerField(db_default=0)  # in a row


class WebhookEndpoint(models.Model):
    """Where a channel wants to be told of its events. Paused when it fails for long, never deleted.

    It follows events by the same cursor as `/events`: (tx, id) of the last one it was given.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    url = models.CharField(max_length=500)
    topics = ArrayField(models.CharField(max_length=60), default=list)  # empty: all
    secret = models.CharField(max_length=60)  # "whsec_…": needed in clear, to sign with
    # While a receiver changes over, messages are signed with both.
    previous_secret = models.CharField(max_length=60, default="")
    previous_until = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    # Its receiver asked to be left alone until then, or did not answer; null once it takes an event again.
    wait_until = models.DateTimeField(null=True)
    last_tx = models.BigIntegerField(db_default=CurrentTransaction())
    last_id = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")  # given up; can be replayed

    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, db_index=False)
    event = models.ForeignKey(Event, models.CASCADE)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    answered = models.PositiveSmallIntegerField(null=True)  # the last HTTP status
    error = models.CharField(max_length=300, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_once_per_event")
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(status="pending"), name="webhook_due"
            ),
            models.Index(
                fields=["endpoint", "due_at", "id"],
                condition=Q(status="pending"),
                name="webhook_due_by_endpoint",
            ),
            models.Index(fields=["id"], condition=Q(status="failed"), name="webhook_failed"),
        ]
