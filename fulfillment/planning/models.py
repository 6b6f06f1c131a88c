"""Stores fulfillment orders, their lines and their parcels."""

from django.db import models
from django.db.models import F, Func, JSONField, Q, Value
from django.db.models.functions import Upper

from fulfillment.planning.states import FulfillmentOrderStatus, ParcelStatus


class FulfillmentOrder(models.Model):
    """What one warehouse sends of one order. `version` must match at every scan."""

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="fulfillment_orders")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    status = models.CharField(max_length=10, choices=FulfillmentOrderStatus)
    version = models.PositiveIntegerField(default=1)
    ship_by = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    picked_at = models.DateTimeField(null=True)
    packed_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=FulfillmentOrderStatus.values),
                name="fulfillment_order_status_known",
            )
        ]
        indexes = [
            models.Index(
                fields=["status", "ship_by", "id"],
                condition=~Q(status__in=["shipped", "cancelled"]),
                name="fulfillment_open",
            )
        ]


class FulfillmentLine(models.Model):
    """Units of one order line in a fulfillment order, and how far they are."""

    fulfillment_order = models.ForeignKey(FulfillmentOrder, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT)
    sku = models.ForeignKey("inventory.Sku", models.PROTECT, db_index=False)
    quantity = models.PositiveIntegerField()
    quantity_picked = models.PositiveIntegerField(default=0)
    quantity_packed = models.PositiveIntegerField(default=0)
    quantity_shipped = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fulfillment_order", "order_line"], name="fulfillment_line_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity_shipped__lte=F("quantity_packed"))
                & Q(quantity_packed__lte=F("quantity_picked"))
                & Q(quantity_picked__lte=F("quantity")),
                name="fulfillment_line_picked_packed_shipped",
            ),
        ]


# What people and scanners add to a tracking number or leave out: blanks, dashes, letter case.
BLANKS_AND_DASHES = r"[[:space:]\u2010-\u2015\u2212-]+"


class Parcel(models.Model):
    """One box. The API calls it a shipment once it has left.

    told   by state: the attempt that its customer heard of last, and since when it was so
    """

    order = models.ForeignKey("orders.Order", models.PROTECT, related_name="parcels")
    fulfillment_order = models.ForeignKey(FulfillmentOrder, models.PROTECT, related_name="parcels")
    status = models.CharField(max_length=18, choices=ParcelStatus)
    carrier = models.CharField(max_length=40)
    service = models.CharField(max_length=50)
    tracking_number = models.CharField(max_length=70)  # as it came
    number_key = models.GeneratedField(  # as it is compared
        expression=Upper(
            Func(
                F("tracking_number"),
                Value(BLANKS_AND_DASHES),
                Value(""),
                Value("g"),
                function="regexp_replace",
            )
        ),
        output_field=models.CharField(max_length=70),
        db_persist=True,
    )
    number_reused = models.BooleanField(default=False, db_default=False)  # by a later parcel
    packaging = models.CharField(max_length=40, default="")
    weight_expected_g = models.PositiveIntegerField(default=0)
    weight_g = models.PositiveIntegerField(null=True)
    labels_printed = models.PositiveSmallIntegerField(default=0)
    packed_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    told = JSONField(default=dict, db_default={})

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number_key"],
                condition=Q(number_reused=False),
                name="tracking_number_of_one_parcel",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ParcelStatus.values), name="parcel_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["packed", "cancelled"]) | Q(shipped_at__isnull=False),
                name="parcel_left_before_it_moved",
            ),
        ]
        indexes = [
            models.Index(
                fields=["number_key"],
                opclasses=["varchar_pattern_ops"],
                name="parcel_number_begins",
            ),
            models.Index(fields=["-shipped_at", "-id"], name="parcel_newest"),
            models.Index(
                fields=["shipped_at"],
                condition=Q(status__in=["shipped", "in_transit", "out_for_delivery"]),
                name="parcel_under_way",
            ),
            models.Index(
                fields=["status", "-shipped_at", "-id"],
                condition=~Q(status="delivered"),
                name="parcel_not_delivered",
            ),
        ]


class ParcelLine(models.Model):
    """Units of an order line in a parcel."""

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="lines")
    fulfillment_line = models.ForeignKey(FulfillmentLine, models.PROTECT)
    order_line = models.ForeignKey("orders.OrderLine", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parcel", "order_line"], name="parcel_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="parcel_line_of_something"),
        ]
