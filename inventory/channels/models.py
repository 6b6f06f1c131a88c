"""Stores channel listings and the stock feeds they are published by."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from inventory.catalogue.models import Sku


class StockFeed(models.Model):
    """Where a channel is told its stock: posted when it changed, signed as webhooks are.

    pause_s      a listing is not told again sooner than this: what changes meanwhile goes together
    zero_below   fewer available units than this are told as 0
    """

    channel = models.OneToOneField("erp.Channel", models.PROTECT, related_name="+")
    url = models.CharField(_("address"), max_length=500)
    secret = models.CharField(max_length=80, editable=False)
    pause_s = models.PositiveIntegerField(_("interval (seconds)"), default=10)
    zero_below = models.PositiveIntegerField(_("sold out below (units)"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    leased_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("stock feed")
        verbose_name_plural = _("stock feeds")


class Listing(models.Model):
    """A SKU on a channel: what its stock was last published as, and what went wrong if it did."""

    channel = models.ForeignKey("erp.Channel", models.PROTECT, related_name="+")
    sku = models.ForeignKey(Sku, models.PROTECT)
    external_id = models.CharField(max_length=100, default="", blank=True)
    published = models.IntegerField(null=True)
    published_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=250, default="")
    failures = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)

    # What lists add to a row before they show it.
    now: int

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "sku"], name="listing_once")]
        indexes = [models.Index(fields=["channel", "not_before"], name="listing_due")]
