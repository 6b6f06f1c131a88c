"""Stores the movement ledger, the levels it adds up to, and reservations."""

from decimal import Decimal

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.access.models import LASTING
from inventory.catalogue.models import Sku
from inventory.stock.models.places import Place, Warehouse
from inventory.stock.states import ReservationStatus


class StockLevel(models.Model):
    """The running totals of a SKU in a warehouse. Written by triggers alone.

    Usually one row, part 0. A SKU sold faster than one row can be updated is split into several
    parts, each with the same laws; what is written here of one row is true of each.
    """

    pk = models.CompositePrimaryKey("sku_id", "warehouse_id", "part")
    sku = models.ForeignKey(Sku, models.PROTECT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT)
    part = models.PositiveSmallIntegerField(default=0)
    on_hand = models.IntegerField(default=0)  # in bins
    reserved = models.IntegerField(default=0)  # of on_hand, promised
    incoming = models.IntegerField(default=0)  # on open purchase and transfer lines; part 0

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0), name="stock_level_reserved_positive"
            ),
            models.CheckConstraint(
                condition=Q(incoming__gte=0), name="stock_level_incoming_positive"
            ),
            models.CheckConstraint(
                condition=Q(reserved__lte=F("on_hand")),
                name="stock_level_reserved_within_on_hand",
            ),
        ]

    @property
    def available(self) -> int:
        """Units that can still be promised (available to promise)."""
        return self.on_hand - self.reserved


class Lot(models.Model):
    """Goods of one SKU made together: a batch with a number and an expiry."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="lots")
    code = models.CharField(_("lot"), max_length=60)
    made_on = models.DateField(_("made on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    # What lists add to a row before they show it.
    places: list[tuple[str, int]]
    units: int

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sku", "code"], name="lot_once")]
        indexes = [
            models.Index(
                fields=["expires_on"],
                condition=Q(expires_on__isnull=False),
                name="lot_expiring",
            )
        ]

    def __str__(self) -> str:
        return self.code


class BinLevel(models.Model):
    """Units of a SKU and lot in one place inside. Written by triggers alone; lot 0 is none."""

    pk = models.CompositePrimaryKey("sku_id", "place_id", "lot_id")
    sku = models.ForeignKey(Sku, models.PROTECT, **LASTING)
    place = models.ForeignKey(Place, models.PROTECT, db_constraint=False)
    lot_id = models.BigIntegerField(default=0)
    on_hand = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="bin_level_not_below_zero")
        ]


class SerialUnit(models.Model):
    """One piece with a number of its own, and where it is now."""

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="serials")
    code = models.CharField(_("serial number"), max_length=80)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sku", "code"], name="serial_once")]
        indexes = [models.Index(fields=["sku", "place"], name="serial_by_place")]

    def __str__(self) -> str:
        return self.code


class StockMovement(models.Model):
    """Goods going from one place to another, once per cause. Append-only."""

    class Kind(models.TextChoices):
        RECEIVE = "receive", _("Received")
        ADJUST = "adjust", _("Adjusted")
        SHIP = "ship", _("Shipped")
        RETURN = "return", _("Returned")
        MOVE = "move", _("Moved")
        COUNT = "count", _("Counted")
        WRITE_OFF = "write_off", _("Written off")
        TRANSFER = "transfer", _("Transferred")
        VENDOR_RETURN = "vendor_return", _("Returned to vendor")
        BLOCK = "block", _("Blocked")

    sku = models.ForeignKey(Sku, models.PROTECT, **LASTING)
    quantity = models.PositiveIntegerField()
    from_place = models.ForeignKey(Place, models.PROTECT, related_name="+", **LASTING)
    to_place = models.ForeignKey(Place, models.PROTECT, related_name="+", **LASTING)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, **LASTING)
    unit_cost = models.DecimalField(max_digits=19, decimal_places=6, null=True)  # on arrival
    kind = models.CharField(max_length=14, choices=Kind)
    cause_type = models.CharField(max_length=30)  # the document: "shipment", "receipt", "count"
    cause_id = models.CharField(max_length=60)
    cause_line = models.CharField(max_length=60, default="")
    cause_step = models.CharField(max_length=30, default="")
    reason = models.CharField(max_length=200, default="")
    by = models.ForeignKey("erp.Actor", models.PROTECT, **LASTING)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="movement_moves_something"),
            models.CheckConstraint(
                condition=~Q(from_place=F("to_place")), name="movement_goes_somewhere"
            ),
            models.UniqueConstraint(
                fields=[
                    "cause_type",
                    "cause_id",
                    "cause_line",
                    "cause_step",
                    "sku",
                    "from_place",
                ],
                name="movement_once_per_cause",
            ),
        ]
        indexes = [
            models.Index(fields=["sku", "-id"], name="movement_by_sku"),
            BrinIndex(fields=["at"], name="movement_by_time"),
        ]


class SerialStep(models.Model):
    """A numbered piece took part in a movement. Append-only: its life."""

    serial = models.ForeignKey(SerialUnit, models.PROTECT, related_name="steps")
    movement = models.ForeignKey(StockMovement, models.PROTECT, related_name="serials")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["movement", "serial"], name="serial_step_once")
        ]


class Reservation(models.Model):
    """Units of a SKU in a warehouse promised to one holder: an order line, a cart, a channel."""

    class Holder(models.TextChoices):
        ORDER_LINE = "order_line"
        CART = "cart"
        ALLOTMENT = "allotment"  # set aside for one channel

    holder_kind = models.CharField(max_length=12, choices=Holder)
    holder_id = models.BigIntegerField()
    sku = models.ForeignKey(Sku, models.PROTECT, **LASTING)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, **LASTING)
    part = models.PositiveSmallIntegerField(default=0)  # of the level, where that is split
    quantity = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=ReservationStatus)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="reservation_of_something"),
            models.CheckConstraint(
                condition=Q(status__in=ReservationStatus.values),
                name="reservation_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["holder_kind", "holder_id"], name="reservation_by_holder"),
            models.Index(
                fields=["sku", "warehouse"],
                condition=Q(status__in=["held", "committed"]),
                name="reservation_open",
            ),
            models.Index(
                fields=["sku"],
                condition=Q(holder_kind="allotment", status="held"),
                name="reservation_allotted",
            ),
            models.Index(
                fields=["expires_at"], condition=Q(status="held"), name="reservation_expiring"
            ),
        ]


class StockShortfall(models.Model):
    """Units promised and then not found: the youngest reservations gave way."""

    reservation = models.OneToOneField(Reservation, models.PROTECT, related_name="shortfall")
    quantity = models.PositiveIntegerField()
    cause = models.CharField(max_length=60)  # the count or write-off: "count:17"
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)  # when the holder has found its way


class SkuCost(models.Model):
    """What a SKU's units inside are worth; their average is the moving average cost.

    Written by triggers alone, in the company's currency.
    """

    sku = models.OneToOneField(Sku, models.PROTECT, primary_key=True)
    quantity = models.BigIntegerField(default=0)
    value = models.DecimalField(max_digits=19, decimal_places=4, default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(quantity=0) | Q(value=0), name="nothing_is_worth_nothing"
            )
        ]

    @property
    def average(self) -> Decimal | None:
        """The moving average cost of a unit; None when there is none inside."""
        return round(self.value / self.quantity, 6) if self.quantity else None


class CostEntry(models.Model):
    """What an arrival added to a SKU's value, what an issue took from it. Append-only.

    An issue is valued at the moving average of its moment: that is its cost snapshot.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Arrival")
        ISSUE = "issue", _("Issue")
        LANDED = "landed", _("Landed cost")
        ROUNDING = "rounding", _("Rounding")

    sku = models.ForeignKey(Sku, models.PROTECT, **LASTING)
    movement = models.ForeignKey(StockMovement, models.PROTECT, null=True, **LASTING)
    kind = models.CharField(max_length=10, choices=Kind)
    quantity = models.IntegerField()
    value = models.DecimalField(max_digits=19, decimal_places=4)
    document = models.CharField(max_length=60, default="")  # of a landed cost: "purchase:17"
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["sku", "at"], name="cost_entry_by_sku"),
            models.Index(
                fields=["movement"],
                condition=Q(movement__isnull=False),
                name="cost_entry_by_movement",
            ),
        ]
