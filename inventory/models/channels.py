"""What of the stock each channel may sell, and what it was last told."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from inventory.models.catalogue import Sku
from inventory.models.places import Warehouse


class Allotment(models.Model):
    """A channel's part of a SKU's stock.

    fixed   `value` units set aside for this channel alone, in one warehouse: a reservation
    share   the channel may sell at most `value` per cent of what is available
    cap     the channel is shown at most `value` units
    No SKU: holds for all SKUs of the channel that have none of their own (share and cap).
    """

    class Kind(models.TextChoices):
        FIXED = "fixed", _("Set aside")
        SHARE = "share", _("Share (%)")
        CAP = "cap", _("At most")

    channel = models.ForeignKey("erp.Channel", models.PROTECT, related_name="+")
    sku = models.ForeignKey(Sku, models.PROTECT, null=True, blank=True)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    value = models.PositiveIntegerField(_("value"))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "sku", "warehouse", "kind"],
                condition=Q(is_active=True),
                name="allotment_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(kind="fixed") | (Q(sku__isnull=False) & Q(warehouse__isnull=False)),
                name="fixed_allotment_is_somewhere",
            ),
            models.CheckConstraint(
                condition=~Q(kind="share") | Q(value__lte=100), name="share_within_the_whole"
            ),
        ]


class StockFeed(models.Model):
    """Where a channel is told its stock: posted when it changed, signed as webhooks are.

    pause_s      a listing is not told again sooner than this: what changes meanwhile goes together
    zero_below   fewer available units than this are told as 0
    """

    channel = models.OneToOneField("erp.Channel", models.PROTECT, related_name="+")
    url = models.CharField(_("address"), max_length=500)
    secret = models.CharField(max_length=80, editable=False)
    pause_s = models.PositiveIntegerField(_("pause (seconds)"), default=10)
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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "sku"], name="listing_once")]
        indexes = [models.Index(fields=["channel", "not_before"], name="listing_due")]
