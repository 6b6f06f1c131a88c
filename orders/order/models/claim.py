"""Which open orders somebody has taken to work on, so that two people do not mend one."""

from django.db import models

from orders.order.models.order import Order


class OrderClaim(models.Model):
    """An order in somebody's hands until a moment: others look, and do not change it."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="claim")
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(at__lt=models.F("until")), name="claim_ends")
        ]
