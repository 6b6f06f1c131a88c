"""Stores payment providers, their intents, calls and events."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.currencies import CurrencyField
from erp.money import AMOUNT
from erp.sealed import SealedText


class PaymentProvider(models.Model):
    """Who takes the money of a channel's customers, and when it is captured."""

    class Kind(models.TextChoices):
        STRIPE = "stripe", "Stripe"
        TEST = "test", _("Test provider, moves no money")

    class Capture(models.TextChoices):
        AT_ONCE = "at_once", _("When the customer pays")
        ON_SHIP = "on_ship", _("When a parcel ships, for its contents")

    channel = models.OneToOneField("erp.Channel", models.PROTECT, related_name="payment_provider")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    capture = models.CharField(
        _("captures"), max_length=10, choices=Capture, default=Capture.ON_SHIP
    )
    url = models.URLField(_("address"), max_length=300, default="", blank=True)
    account = models.CharField(_("account"), max_length=100, default="", blank=True)
    secret = SealedText(_("secret"), default="", blank=True)
    webhook_secret = SealedText(_("webhook secret"), default="", blank=True)
    authorised_days = models.PositiveSmallIntegerField(  # an authorisation holds this long
        _("authorisation validity (days)"), default=7
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("payment provider")
        verbose_name_plural = _("payment providers")

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind}"


class PaymentIntent(models.Model):
    """That an order is to be paid by a provider: written down before anybody is asked, once."""

    class Status(models.TextChoices):
        CREATED = "created", _("Requested quantity")  # the provider has not answered yet
        OPEN = "open", _("Waits for the customer")
        AUTHORISED = "authorised", _("Authorised")
        CAPTURED = "captured", _("Captured")  # wholly, or what was wanted of it
        VOIDED = "voided", _("Voided")
        FAILED = "failed", _("Failed")

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="payment_intents")
    provider = models.ForeignKey(PaymentProvider, models.PROTECT)
    payment = models.OneToOneField("orders.Payment", models.PROTECT, null=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.CREATED)
    amount = models.DecimalField(**AMOUNT)
    currency = CurrencyField()
    at_once = models.BooleanField(
        db_default=False
    )  # a deposit: captured as soon as it is authorised
    external_id = models.CharField(max_length=100, default="")  # the provider's
    client_secret = models.CharField(max_length=200, default="")  # the storefront's to pay with
    created_at = models.DateTimeField()
    authorised_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "external_id"],
                condition=~Q(external_id=""),
                name="payment_intent_once",
            ),
            models.UniqueConstraint(  # one at a time: nobody is asked to pay twice
                fields=["order"],
                condition=Q(status__in=["created", "open"]),
                name="payment_intent_one_open",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_intent_of_something"),
        ]
        indexes = [
            models.Index(
                fields=["authorised_until"],
                condition=Q(status="authorised"),
                name="authorisation_ends",
            )
        ]


class PaymentCall(models.Model):
    """One thing a provider is asked: written with the reason for it, sent afterwards, under its own key.

    key   what makes it one thing however often it is sent: the provider's idempotency key
    """

    class Status(models.TextChoices):
        DUE = "due", _("Due")
        DONE = "done", _("Done")
        PARKED = "parked", _("Parked")  # refused, or tried too often: a person looks
        ENDED = "ended", _("No longer needed")  # settled in another way

    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="calls")
    kind = models.CharField(max_length=10)  # create, capture, void, refund
    amount = models.DecimalField(**AMOUNT)
    key = models.CharField(max_length=100, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)  # that failed, or killed their worker
    is_leased = models.BooleanField(
        default=False, db_default=False
    )  # a worker has it until `due_at`
    due_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False)
                | (~Q(status="done") & Q(done_at=None)),
                name="payment_call_done_at_some_time",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="due"), name="payment_call_due"),
            models.Index(fields=["id"], condition=Q(status="parked"), name="payment_call_parked"),
        ]


class ProviderEvent(models.Model):
    """One thing a provider said by webhook, as it was received: kept, and read once."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        KNOWN = "known", _("Known already")
        IGNORED = "ignored", _("Ignored")
        MISMATCH = "mismatch", _("Does not match the order")

    provider = models.ForeignKey(PaymentProvider, models.PROTECT)
    external_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=100)
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, null=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    body = models.BinaryField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="provider_event_once")
        ]
