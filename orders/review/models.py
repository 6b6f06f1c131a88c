"""Stores review rules with every version, and which are in force."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.names import NameField
from orders.order.states import Flag, HoldKind


class SplitBy(models.TextChoices):
    SHORT = "short", _("Backordered items")
    WAREHOUSE = "warehouse", _("Items from other warehouses")


class ReviewRule(models.Model):
    """A rule by name. What it says is in its revisions; it is in force while the newest rule book lists one."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=100)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("review rule")
        verbose_name_plural = _("review rules")

    def __str__(self) -> str:
        return self.code


class RuleRevision(models.Model):
    """One version of a rule. Append-only: what decided an order can be read for ever.

    condition   a tree of tests, as `orders.review.decisions.conditions.parse` reads it
    """

    rule = models.ForeignKey(ReviewRule, models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    condition = models.JSONField()
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    stop = models.BooleanField(_("stops later rules"), default=False)
    approve = models.BooleanField(_("uncertain findings do not hold it"), default=False)
    hold = models.CharField(_("hold"), max_length=20, choices=HoldKind, default="", blank=True)
    hold_minutes = models.PositiveIntegerField(_("ends after (minutes)"), default=0)
    second_review = models.BooleanField(_("needs finance approval"), default=False)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    flag = models.CharField(_("flag"), max_length=10, choices=Flag, default="", blank=True)
    service = models.CharField(_("ships by"), max_length=50, default="", blank=True)
    warehouse = models.CharField(_("ships from"), max_length=50, default="", blank=True)
    split = models.CharField(
        _("splits off"), max_length=10, choices=SplitBy, default="", blank=True
    )
    merge = models.BooleanField(_("merges with an open order of the customer"), default=False)
    gift = models.CharField(_("gift"), max_length=64, default="", blank=True)
    gift_units = models.PositiveSmallIntegerField(_("units of the gift"), default=1)
    carrier = models.CharField(_("goes with"), max_length=40, default="", blank=True)
    notify = models.CharField(_("alerts"), max_length=20, default="", blank=True)
    starts_at = models.DateTimeField(_("counts from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("counts until"), null=True, blank=True)
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "version"], name="rule_revision_once"),
            models.CheckConstraint(
                condition=Q(hold__in=["", *HoldKind.values]), name="rule_hold_known"
            ),
            models.CheckConstraint(
                condition=Q(split__in=["", *SplitBy.values]), name="rule_split_known"
            ),
            models.CheckConstraint(condition=Q(gift_units__gt=0), name="rule_gift_some"),
            models.CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(starts_at__lt=F("ends_at")),
                name="rule_starts_before_it_ends",
            ),
        ]


class RuleBook(models.Model):
    """Which revisions are in force from a moment on: the newest book counts. Append-only."""

    revisions = ArrayField(models.BigIntegerField(), default=list)
    at = models.DateTimeField()
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
