"""Stores payments of orders and their events."""

from django.db import models
from django.db.models import F, Q

from erp.access.models import LASTING
from erp.currencies import CurrencyField
from erp.money import AMOUNT
from orders.order.models.order import Order
from orders.policies.payment_methods import method_of


class Payment(models.Model):
    """One tender of an order, with the sums of its events.

    What is authorised and neither captured nor voided is open.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=12)
    reference = models.CharField(max_length=200, default="")
    currency = CurrencyField()
    authorised = models.DecimalField(default=0, **AMOUNT)
    captured = models.DecimalField(default=0, **AMOUNT)
    voided = models.DecimalField(default=0, db_default=0, **AMOUNT)
    refunded = models.DecimalField(default=0, **AMOUNT)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded__gte=0)
                & Q(refunded__lte=F("captured"))
                & Q(captured__lte=F("authorised")),
                name="payment_refunded_captured_authorised",
            ),
            models.CheckConstraint(
                condition=Q(voided__gte=0) & Q(authorised__gte=F("captured") + F("voided")),
                name="payment_voided_what_was_left",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether something of it is authorised and neither captured nor voided."""
        return self.authorised > self.captured + self.voided

    @property
    def method_name(self) -> str:
        """What the method is called, in the reader's language; as it was stated where it is none of ours."""
        return str(method_of(self.method).name)


class PaymentEvent(models.Model):
    """Money authorised, captured, voided, refunded. Append-only, once per reference."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="events")
    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    # authorise, capture, void, refund, chargeback; moved_out, moved_in: of and to another order's tender
    kind = models.CharField(max_length=12)
    reference = models.CharField(max_length=200)
    amount = models.DecimalField(**AMOUNT)
    by = models.ForeignKey("erp.Actor", models.PROTECT, **LASTING)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "kind", "reference"], name="payment_event_once_per_reference"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_event_of_something"),
        ]
