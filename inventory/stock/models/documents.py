"""Stores receipts, adjustments, write-offs and returns to vendors."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.approvals.models import Proposal, approved_before, four_eyes
from inventory.catalogue.models import Sku
from inventory.stock.models.places import Place, Warehouse
from inventory.stock.states import DocumentStatus


class StockDocument(Proposal):
    """What a person or a file said about stock: a receipt, an adjustment, a write-off.

    `is_history` marks what was imported as the past: it moved no live stock.
    cause_type, cause_id   the transfer or return that lost what a write-off is of, as movements name their cause;
                           "" of what somebody wrote by itself
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
    cause_type = models.CharField(max_length=30, default="", db_default="")
    cause_id = models.CharField(max_length=60, default="", db_default="")
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
            ),
            models.UniqueConstraint(
                fields=["cause_id"],
                condition=Q(cause_type="transfer", status="waiting"),
                name="transfer_loss_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(cause_type="") | (Q(kind="write_off") & ~Q(cause_id="")),
                name="stock_document_of_a_cause_is_a_loss",
            ),
            four_eyes("stock_document_four_eyes"),
            approved_before("stock_document_approved_before_it_is_posted", Q(status="posted")),
        ]
        indexes = [
            models.Index(
                fields=["-id"], condition=Q(status="waiting"), name="stock_document_waiting"
            ),
            models.Index(
                fields=["cause_type", "cause_id"],
                condition=~Q(cause_type=""),
                name="stock_document_by_cause",
            ),
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
