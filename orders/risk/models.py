"""Stores fraud score providers and their checks of orders."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.sealed import SealedText


class RiskProvider(models.Model):
    """Who scores the orders of a channel, and what their scores lead to.

    hold_from, decline_from   scores, 0 to 100; null: none is declined by itself
    window_hours              how long an order waits for its score, and its hold for a person
    """

    class Kind(models.TextChoices):
        MINFRAUD = "minfraud", "minFraud"
        PUSHED = "pushed", _("Reports scores through the API")

    class Silence(models.TextChoices):
        HOLD = "hold", _("Keep on hold until someone decides")
        RELEASE = "release", _("It goes on")

    channel = models.OneToOneField("erp.Channel", models.PROTECT, related_name="risk_provider")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    url = models.URLField(_("address"), max_length=300, default="", blank=True)
    account = models.CharField(_("account"), max_length=200, default="", blank=True)
    secret = SealedText(_("secret"), default="", blank=True)
    hold_from = models.PositiveSmallIntegerField(_("hold from a score of"), default=30)
    decline_from = models.PositiveSmallIntegerField(
        _("decline from a score of"), null=True, blank=True
    )
    window_hours = models.PositiveSmallIntegerField(_("timeout (hours)"), default=24)
    on_silence = models.CharField(
        _("if no score arrives"), max_length=10, choices=Silence, default=Silence.HOLD
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("risk provider")
        verbose_name_plural = _("risk providers")
        constraints = [
            models.CheckConstraint(
                condition=Q(hold_from__lte=100)
                & (Q(decline_from=None) | Q(decline_from__gte=F("hold_from"))),
                name="risk_declines_above_what_it_holds",
            ),
            models.CheckConstraint(condition=Q(window_hours__gt=0), name="risk_waits_some_time"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} · {self.get_kind_display()}"


class RiskCheck(models.Model):
    """One order that a provider was asked about, or told us about, and what it answered.

    reference   the provider's own id of its answer: told twice it counts once
    reasons     the provider's words for it, as codes or sentences
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Asked")
        DONE = "done", _("Answered")
        PARKED = "parked", _("Request failed")

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="risk_checks")
    source = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status, db_default=Status.PENDING)
    reference = models.CharField(max_length=100, db_default="")
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    recommendation = models.CharField(max_length=10, db_default="")  # accept, review, decline
    reasons = models.JSONField(db_default=[])
    attempts = models.PositiveSmallIntegerField(db_default=0)  # that failed, or killed their worker
    is_leased = models.BooleanField(
        default=False, db_default=False
    )  # a worker has it until `due_at`
    due_at = models.DateTimeField(db_default=Now())
    error = models.CharField(max_length=300, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "source", "reference"], name="risk_answered_once"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | (Q(score__gte=0) & Q(score__lte=100)),
                name="risk_score_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(score__isnull=False, done_at__isnull=False),
                name="risk_answer_has_a_score",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="pending"), name="risk_to_ask"),
            models.Index(fields=["id"], condition=Q(status="parked"), name="risk_parked"),
        ]
