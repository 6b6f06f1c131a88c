"""Stores claims: who works on which open order, and until when."""

from django.db import models

from orders.order.models.order import Order


class OrderClaim(models.Model):
    """A person's claim on an order until a moment: nobody else changes it."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="claim")
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(at__lt=models.F("until")), name="claim_ends")
        ]
