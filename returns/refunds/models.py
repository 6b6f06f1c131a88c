"""Stores refunds and the units they are for."""

from django.db import models
from django.db.models import Q

from erp.approvals.models import Proposal, approved_before, four_eyes
from erp.currencies import CurrencyField
from erp.money import AMOUNT
from returns.refunds.states import SETTLED, RefundStatus
from returns.rma.models import ReturnAuthorization


class Refund(Proposal):
    """Money to be given back: a life of its own, beside the return's."""

    number = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey("orders.Order", models.PROTECT, null=True, related_name="refunds")
    authorization = models.ForeignKey(
        ReturnAuthorization, models.PROTECT, null=True, related_name="refunds"
    )
    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    status = models.CharField(max_length=10, choices=RefundStatus)
    reason = models.CharField(max_length=30)
    amount = models.DecimalField(**AMOUNT)
    currency = CurrencyField()
    note = models.TextField(default="")
    channel_key = models.CharField(max_length=60, default="")  # the channel's id of the same refund
    is_history = models.BooleanField(default=False)
    proposed_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_of_something"),
            models.UniqueConstraint(
                fields=["order", "channel_key"],
                condition=~Q(channel_key=""),
                name="refund_of_channel_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=RefundStatus.values), name="refund_status_known"
            ),
            four_eyes("refund_four_eyes"),
            approved_before("refund_approved_before_it_goes", Q(status__in=SETTLED)),
        ]
        indexes = [models.Index(fields=["-proposed_at", "-id"], name="refund_newest")]

    def __str__(self) -> str:
        return self.number


class RefundLine(models.Model):
    """The share of a refund that is for one order line. None: shipping, goodwill."""

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT, null=True)
    quantity = models.PositiveIntegerField(default=0)
    amount = models.DecimalField(**AMOUNT)
    # It pays for what was taken off the order before it shipped, and is in its total no longer.
    is_unshipped = models.BooleanField(db_default=False)
    # Of its units, those that cannot have shipped when a channel paid them back.
    unshipped_units = models.PositiveIntegerField(db_default=0)
