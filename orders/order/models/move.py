"""Stores changes, merges and splits of orders with their state before, for undo."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OrderChange(models.Model):
    """A change set: what an order's lines and shipping were, and what they became. Append-only.

    before, after   {"service", "shipping", "shipping_tax", "total", "lines": {id: a line's units and amounts}}
    version         the order's, with it
    undoes          the change that this one takes back
    """

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="changes")
    version = models.PositiveIntegerField()
    before = models.JSONField()
    after = models.JSONField()
    reason = models.CharField(max_length=200)
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "version"], name="order_change_once")
        ]


class OrderMove(models.Model):
    """Lines, money and holds that one order gave to another: all of them (merged) or some (split).

    The order that gave everything stays as a tombstone: its number, its channel's messages and its decisions.

    moved   {"lines": [{"id", "position"} of those that went whole, or {"id", "part", "quantity",
            "reserved", "backordered", "amounts"} of those that were divided], "payments", "holds",
            "amounts" of the order, "status"}; see `orders.changes.actions.merge` and `orders.changes.actions.split`
    versions   of both orders right after it: it is undone while they are so
    """

    class Kind(models.TextChoices):
        MERGE = "merge", _("Merged")
        SPLIT = "split", _("Split from")

    kind = models.CharField(max_length=10, choices=Kind)
    source = models.ForeignKey("orders.Order", models.PROTECT, related_name="moves_out")
    target = models.ForeignKey("orders.Order", models.PROTECT, related_name="moves_in")
    moved = models.JSONField()
    versions = models.JSONField()  # [source, target]
    reason = models.CharField(max_length=200, default="")
    why: str  # the same in words, where a page shows it
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(kind="merge", undone_at=None),
                name="order_merged_once",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="order_move_undone_by_somebody",
            ),
        ]
