"""Stores stock counts and their lines."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.approvals.models import Proposal, approved_before, four_eyes
from inventory.catalogue.models import Sku
from inventory.counting.states import CountStatus
from inventory.stock.models.places import Place, Warehouse


class StockCount(Proposal):
    """A look at what is really there, bin by bin.

    blind       the counter does not see what the ledger says
    freezes     no movement in or out of its bins until it ends
    """

    number = models.CharField(_("number"), max_length=20, unique=True)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT)
    status = models.CharField(_("state"), max_length=10, choices=CountStatus)
    scope = models.CharField(max_length=200, default="")  # what was asked: "bins A-01, A-02"
    is_blind = models.BooleanField(default=True)
    freezes = models.BooleanField(default=False)
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=CountStatus.values), name="count_status_known"
            ),
            four_eyes("count_four_eyes"),
            approved_before("count_approved_before_it_is_posted", Q(status="posted")),
        ]

    def __str__(self) -> str:
        return self.number


class StockCountLine(models.Model):
    """One SKU and lot in one bin: what the ledger said at the moment of counting, what was found.

    The difference is what gets posted, so a movement after the counting changes nothing.
    """

    count = models.ForeignKey(StockCount, models.CASCADE, related_name="lines")
    place = models.ForeignKey(Place, models.PROTECT)
    sku = models.ForeignKey(Sku, models.PROTECT)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True)
    expected = models.IntegerField(null=True)  # at counted_at
    counted = models.PositiveIntegerField(null=True)
    counted_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")
    counted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["count", "place", "sku", "lot"],
                name="count_line_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(counted__isnull=True) | Q(expected__isnull=False),
                name="count_line_knows_what_was_expected",
            ),
        ]

    @property
    def variance(self) -> int:
        """Return counted less book quantity; 0 while uncounted."""
        return (self.counted or 0) - (self.expected or 0) if self.counted is not None else 0
