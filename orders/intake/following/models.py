"""Stores what channels report about their orders, and SKU mappings."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ChannelOrder(models.Model):
    """An order as its channel tells it: the sum of all that was said, whatever order it came in.

    said         the newest whole of it, as `ForeignOrder` in JSON; null before any message held one
    said_at      when the channel says that was so; `progress` and `said_hash` break a tie
    message_digest  fingerprint of the message that `said` was read from; "" where there is none
    captures     money the channel captured, by its ids of transactions: {id: {"amount": "1.00", "currency": ""}},
                 "" the order's own, as in rows that hold the amount alone; `paid` what its order says
    refunds      what it gave back: {id: {"amount": "1.00", "currency": "", "units": {line: n}}}
    passed_on    what of its refunds returns was told of: {id: "1.00"}
    changes      messages that asked for a change of it which is a person's to make, by their names
    raised       what was raised for a person to decide, by the finding's code, with what it was about (evidence.py);
                 {} in rows from before that was kept
    Holds personal data: `said` may be erased.
    """

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    external_id = models.CharField(max_length=100)
    aliases = ArrayField(models.CharField(max_length=100), default=list)
    number = models.CharField(max_length=60, default="")
    order = models.OneToOneField(
        "orders.Order", models.PROTECT, null=True, related_name="channel_order"
    )
    said = models.JSONField(null=True)
    said_at = models.DateTimeField(null=True)
    said_hash = models.CharField(max_length=64, default="")
    message_digest = models.CharField(max_length=16, default="", db_default="")
    progress = models.PositiveSmallIntegerField(default=0)
    paid = models.DecimalField(max_digits=19, decimal_places=4, default=0)
    captures = models.JSONField(default=dict)
    refunds = models.JSONField(default=dict)
    passed_on = models.JSONField(default=dict)
    cancelled = models.CharField(max_length=60, null=True)
    shipped = models.BooleanField(default=False)
    deleted = models.BooleanField(default=False)
    edited = models.BooleanField(default=False)
    raised = models.JSONField(default=dict)
    changes = ArrayField(models.CharField(max_length=60), default=list, db_default=[])
    first_heard_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="channel_order_once")
        ]


class SkuMapping(models.Model):
    """That a channel's code, or its id of a listing, means one of our SKUs."""

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    code = models.CharField(_("the channel's code"), max_length=100)
    sku = models.ForeignKey("inventory.Sku", models.PROTECT, related_name="mappings")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("SKU mapping")
        verbose_name_plural = _("SKU mappings")
        constraints = [models.UniqueConstraint(fields=["channel", "code"], name="sku_mapping_once")]

    def __str__(self) -> str:
        return self.code
