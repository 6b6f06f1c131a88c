"""Stores transfers between warehouses and their lines."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory.catalogue.models import Sku
from inventory.stock.models.places import Warehouse
from inventory.transfers.states import TransferStatus


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

    # What `transfers()` adds to a row: write-offs of what it lost.
    write_offs: list[dict[str, Any]]

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

    @property
    def under_way(self) -> int:
        """Units that were sent and have neither arrived nor been given up."""
        return self.quantity_shipped - self.quantity_received - self.quantity_lost
