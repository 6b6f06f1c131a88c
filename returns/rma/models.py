"""Stores returns and their lines."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from erp.currencies import CurrencyField
from erp.money import AMOUNT
from returns.rma.states import Disposition, ReturnAuthorizationStatus


class ReturnAuthorization(models.Model):
    """One return (RMA): what a customer sends back of an order, or of nothing we know of."""

    number = models.CharField(max_length=20, unique=True)
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, null=True, related_name="returns"
    )  # None: goods came back that no order explains, or history
    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    external_id = models.CharField(max_length=100, null=True)
    customer = models.ForeignKey("orders.Customer", models.PROTECT, null=True)
    status = models.CharField(max_length=14, choices=ReturnAuthorizationStatus)
    currency = CurrencyField()
    country = models.CharField(max_length=60, default="")
    note = models.TextField(default="")
    is_history = models.BooleanField(default=False)
    requested_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()

    # What `with_write_offs()` adds to a row: write-offs of what was scrapped of it.
    write_offs: list[dict[str, Any]]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"],
                condition=Q(external_id__isnull=False),
                name="return_once_per_channel",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ReturnAuthorizationStatus.values),
                name="return_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["-requested_at", "-id"], name="return_newest"),
            models.Index(fields=["status", "-requested_at", "-id"], name="return_by_status"),
        ]

    def __str__(self) -> str:
        return self.number


class ReturnLine(models.Model):
    """Units of one SKU in a return: asked for, received, and what became of them."""

    authorization = models.ForeignKey(ReturnAuthorization, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT, null=True)
    sku = models.ForeignKey("inventory.Sku", models.PROTECT)
    sku_code = models.CharField(max_length=60)
    quantity = models.PositiveIntegerField()
    quantity_received = models.PositiveIntegerField(default=0)
    quantity_inspected = models.PositiveIntegerField(default=0)
    quantity_restocked = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=30)
    condition = models.CharField(max_length=30, default="")
    disposition = models.CharField(max_length=12, choices=Disposition, default="")
    unit_amount = models.DecimalField(**AMOUNT)  # what one unit is worth to the customer
    flag = models.CharField(max_length=30, default="")  # why it is not tied to a purchase
    continues = models.BooleanField(default=False)  # more units of the line before it

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_of_something"),
            models.CheckConstraint(
                condition=Q(quantity_restocked__lte=F("quantity_inspected"))
                & Q(quantity_inspected__lte=F("quantity_received"))
                & Q(quantity_received__lte=F("quantity")),
                name="return_line_received_inspected_restocked",
            ),
        ]
