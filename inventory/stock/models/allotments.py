"""Stores channels' allotments of stock."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.catalogue.models import Sku
from inventory.stock.models.places import Warehouse


class Allotment(models.Model):
    """A channel's part of a SKU's stock.

    fixed   `value` units set aside for this channel alone, in one warehouse: a reservation
    share   the channel may sell at most `value` per cent of what is available
    cap     the channel is shown at most `value` units
    No SKU: holds for all SKUs of the channel that have none of their own (share and cap).
    """

    class Kind(models.TextChoices):
        FIXED = "fixed", _("Fixed")
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
