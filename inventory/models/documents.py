"""What people say about stock: receipts, adjustments, counts, transfers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.models.catalogue import Sku
from inventory.models.places import Place, Warehouse
from inventory.states import CountStatus, DocumentStatus, TransferStatus


class StockDocument(models.Model):
    """What a person or a file said about stock: a receipt, an adjustment, a write-off.

    `is_history` marks what was imported as the past: it moved no live stock.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        ADJUSTMENT = "adjustment", _("Adjustment")
        WRITE_OFF = "write_off", _("Write-off")
        VENDOR_RETURN = "vendor_return", _("Return to vendor")
        MOVE = "move", _("Move")

    kind = models.CharField(max_length=14, choices=Kind)
    status = models.CharField(max_length=10, choices=DocumentStatus, default="posted")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True, related_name="+")
    supplier = models.ForeignKey("inventory.Supplier", models.PROTECT, null=True)
    purchase = models.ForeignKey("inventory.PurchaseOrder", models.PROTECT, null=True)
    channel = models.ForeignKey("erp.Channel", models.PROTECT, null=True)
    external_id = models.CharField(max_length=100, null=True)
    reason = models.CharField(max_length=200, default="")
    country = models.CharField(max_length=60, default="")  # as the source wrote it
    is_history = models.BooleanField(default=False)
    by = models.ForeignKey("erp.Actor", models.PROTECT)
    at = models.DateTimeField()
    approved_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"],
                condition=Q(external_id__isnull=False),
                name="stock_document_once_per_channel",
            )
        ]
        indexes = [
            models.Index(
                fields=["-id"], condition=Q(status="waiting"), name="stock_document_waiting"
            )
        ]


class StockDocumentLine(models.Model):
    """One SKU of a stock document, with the signed change it states."""

    document = models.ForeignKey(StockDocument, models.PROTECT, related_name="lines")
    sku = models.ForeignKey(Sku, models.PROTECT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True)
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    to_place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, related_name="+")
    serials = ArrayField(models.CharField(max_length=80), default=list)
    quantity_change = models.IntegerField()
    unit_value = models.DecimalField(max_digits=19, decimal_places=4, default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(quantity_change=0), name="stock_line_changes")
        ]


class StockCount(models.Model):
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
            )
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
        """Units found more, or fewer, than the ledger said; 0 while uncounted."""
        return (self.counted or 0) - (self.expected or 0) if self.counted is not None else 0


class Transfer(models.Model):
    """Goods going from one warehouse to another; in between they are in transit."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    from_warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    to_warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    status = models.CharField(_("state"), max_length=14, choices=TransferStatus)
    note = models.CharField(max_length=200, default="")
    expected_on = models.DateField(null=True)
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=TransferStatus.values), name="transfer_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(from_warehouse=F("to_warehouse")), name="transfer_goes_elsewhere"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class TransferLine(models.Model):
    """Units of a SKU in a transfer: asked for, sent, arrived, never arrived."""

    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="lines")
    sku = models.ForeignKey(Sku, models.PROTECT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT)  # where it goes
    quantity = models.PositiveIntegerField()
    quantity_shipped = models.PositiveIntegerField(default=0)
    quantity_received = models.PositiveIntegerField(default=0)
    quantity_lost = models.PositiveIntegerField(default=0)
    quantity_incoming = models.PositiveIntegerField(default=0)  # of a transfer under way

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "sku"], name="transfer_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & Q(quantity_shipped__lte=F("quantity"))
                & Q(quantity_received__lte=F("quantity_shipped") - F("quantity_lost")),
                name="transfer_line_adds_up",
            ),
        ]
