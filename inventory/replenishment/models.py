"""Stores purchase suggestions."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from inventory.catalogue.models import Sku
from inventory.purchasing.models import PurchaseOrder, Supplier
from inventory.stock.models.places import Warehouse


class Suggestion(models.Model):
    """What the last replenishment run would buy, and the arithmetic behind it."""

    sku = models.ForeignKey(Sku, models.PROTECT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT)
    supplier = models.ForeignKey(Supplier, models.PROTECT, null=True)
    quantity = models.PositiveIntegerField()
    # Null where the supplier asks no price for so many: it is not ordered until somebody says one.
    unit_price = models.DecimalField(max_digits=19, decimal_places=4, null=True)
    reorder_point = models.IntegerField()
    position = models.IntegerField()  # available + incoming − backordered
    reasons = models.JSONField(default=list)
    at = models.DateTimeField()
    purchase = models.ForeignKey(PurchaseOrder, models.SET_NULL, null=True)

    # What pages add to a row before they show it.
    sentences: list[str]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "warehouse"],
                condition=Q(purchase__isnull=True),
                name="suggestion_once",
            )
        ]

    @property
    def amount(self) -> Decimal | None:
        """What it would cost, in its supplier's currency; None where nobody has said a price."""
        return None if self.unit_price is None else self.unit_price * self.quantity
