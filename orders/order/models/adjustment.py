"""Stores discounts on orders and the promotions and coupons used for them."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from erp.access.models import LASTING
from erp.money import AMOUNT
from orders.pricing.models.promotions import Coupon, Promotion


class PromotionUse(models.Model):
    """That an order used a promotion, with a coupon or without; given back when the order is cancelled.

    nth     which of the customer's uses of the coupon it is, where these are limited; null once given back
    most    how many the customer had when it was used
    """

    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="uses")
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, related_name="uses")
    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="promotion_uses")
    customer = models.ForeignKey("orders.Customer", models.PROTECT)
    nth = models.PositiveIntegerField(null=True)
    most = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(db_default=Now())
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "promotion"], name="promotion_used_once_by_order"
            ),
            models.UniqueConstraint(
                fields=["coupon", "customer", "nth"], name="coupon_use_counted_once"
            ),
            models.CheckConstraint(
                condition=Q(nth=None) | Q(nth__lte=F("most")),
                name="coupon_within_customers_limit",
            ),
        ]


class Adjustment(models.Model):
    """What a promotion took off a line, or off shipping (no line). Net of tax, as discounts are."""

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="adjustments")
    line = models.ForeignKey(
        "orders.OrderLine", models.PROTECT, null=True, related_name="adjustments"
    )
    promotion = models.ForeignKey(Promotion, models.PROTECT, **LASTING)
    coupon = models.CharField(max_length=40, default="")
    amount = models.DecimalField(**AMOUNT)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "line", "promotion"],
                name="adjustment_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="adjustment_takes_off"),
        ]
