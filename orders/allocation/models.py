"""Stores choice offers to customers, their answers, and substitute SKUs."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ChoiceOffer(models.Model):
    """A signed question to a customer about missing goods, open until a moment."""

    class Status(models.TextChoices):
        OPEN = "open", _("Waits for the customer")
        ANSWERED = "answered", _("Answered")
        ENDED = "ended", _("No longer short, or expired")

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="choice_offers")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    offered_at = models.DateTimeField()
    until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.JSONField(default=dict)  # as `orders.changes.actions.choice.Answer` has it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(status="open"), name="choice_offer_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status="answered", answered_at__isnull=False)
                | (~Q(status="answered") & Q(answered_at=None)),
                name="choice_offer_answered_at_some_time",
            ),
        ]


class Substitute(models.Model):
    """That one SKU may be sent in the place of another, where its customer agrees."""

    sku = models.ForeignKey("inventory.Sku", models.CASCADE, related_name="+")
    by = models.ForeignKey("inventory.Sku", models.CASCADE, related_name="+")
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)

    class Meta:
        verbose_name = _("substitute")
        verbose_name_plural = _("substitutes")
        constraints = [
            models.UniqueConstraint(fields=["sku", "by"], name="substitute_once"),
            models.CheckConstraint(condition=~Q(sku=F("by")), name="substitute_is_another"),
        ]
