"""Stores what happened to an order, and what was decided about it by itself."""

from django.db import models

from erp.access.models import LASTING
from orders.order.models.order import Order


class OrderEvent(models.Model):
    """One step of an order's life: its timeline. Append-only; ids and codes, never names."""

    order = models.ForeignKey(Order, models.PROTECT, **LASTING)
    kind = models.CharField(max_length=40)  # "placed", "payment.captured", "shipment.shipped"
    data = models.JSONField(default=dict)
    by = models.ForeignKey("erp.Actor", models.PROTECT, **LASTING)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["order", "id"], name="order_event_timeline")]


class Decision(models.Model):
    """One automatic judgement on an order, with everything that led to it. Append-only."""

    order = models.ForeignKey(Order, models.PROTECT, **LASTING)
    kind = models.CharField(max_length=20)  # pricing, review, routing, promise
    engine = models.CharField(max_length=20)  # name and version of the rules that decided
    inputs = models.JSONField()
    candidates = models.JSONField(default=list)  # what was considered, with scores
    outcome = models.JSONField()
    reasons = models.JSONField()  # [{code, params}]
    counterfactual = models.JSONField(null=True)  # the nearest thing that would have changed it
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["order", "id"], name="decision_by_order")]
