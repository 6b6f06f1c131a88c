"""What we have, where it is, and what of it is promised."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.access.models import LASTING
from inventory.states import ReservationStatus


class Sku(models.Model):
    """A thing stocked and sold, counted in each. A service SKU is sold but never stocked."""

    class Tracking(models.TextChoices):
        NONE = "none", _("None")
        LOT = "lot", _("Lot")
        SERIAL = "serial", _("Serial number")

    code = models.CharField(_("code"), max_length=60, unique=True)  # case-sensitive
    name = models.CharField(_("name"), max_length=250)
    name_zh = models.CharField(_("Chinese name"), max_length=250, default="", blank=True)
    category = models.CharField(_("category"), max_length=80, default="", blank=True)
    barcode = models.CharField(_("barcode (GTIN)"), max_length=20, default="", blank=True)
    weight_g = models.PositiveIntegerField(_("weight (g)"), default=0)
    length_mm = models.PositiveIntegerField(_("length (mm)"), default=0)
    width_mm = models.PositiveIntegerField(_("width (mm)"), default=0)
    height_mm = models.PositiveIntegerField(_("height (mm)"), default=0)
    tracking = models.CharField(
        _("tracking"), max_length=10, choices=Tracking, default=Tracking.NONE
    )
    tax_class = models.CharField(_("tax class"), max_length=20, default="standard")
    is_service = models.BooleanField(_("service"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "SKU"
        verbose_name_plural = "SKUs"
        indexes = [
            models.Index(fields=["barcode"], condition=~Q(barcode=""), name="sku_by_barcode")
        ]

    def __str__(self) -> str:
        return self.code


class Warehouse(models.Model):
    """A building that ships. Lower `priority` is preferred when several could."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    country = models.CharField(_("country"), max_length=2)  # ISO 3166-1 alpha-2
    region = models.CharField(_("region"), max_length=60, default="", blank=True)
    city = models.CharField(_("city"), max_length=80, default="", blank=True)
    line1 = models.CharField(_("address"), max_length=200, default="", blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, default="", blank=True)
    phone = models.CharField(_("phone"), max_length=40, default="", blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    cut_off = models.TimeField(
        _("cut-off"), default="16:00"
    )  # local; later orders ship next day
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")

    def __str__(self) -> str:
        return self.code


class Place(models.Model):
    """Somewhere goods can be: the two ends of every movement.

    Only bins count as on hand. A warehouse's quarantine, damaged and transit places hold
    goods that cannot be promised; supplier, customer and lost are the world outside.
    """

    class Kind(models.TextChoices):
        BIN = "bin", _("Bin")
        QUARANTINE = "quarantine", _("Quarantine")
        DAMAGED = "damaged", _("Damaged")
        IN_TRANSIT = "in_transit", _("In transit")
        SUPPLIER = "supplier", _("Supplier")
        CUSTOMER = "customer", _("Customer")
        LOST = "lost", _("Lost")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True, blank=True)
    code = models.CharField(_("code"), max_length=30)
    pick_sequence = models.PositiveIntegerField(_("pick sequence"), default=0)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.UniqueConstraint(
                fields=["warehouse", "code"], name="place_code_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["supplier", "customer", "lost"])
                | Q(warehouse__isnull=False),
                name="place_inside_has_warehouse",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class StockLevel(models.Model):
    """The running totals of a SKU in a warehouse. Written by triggers alone."""

    pk = models.CompositePrimaryKey("sku_id", "warehouse_id")
    sku = models.ForeignKey(Sku, models.PROTECT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT)
    on_hand = models.IntegerField(default=0)  # in bins
    reserved = models.IntegerField(default=0)  # of on_hand, promised
    incoming = models.IntegerField(default=0)  # on open purchase and transfer lines

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


class StockMovement(models.Model):
    """Goods going from one place to another, once per cause. Append-only."""

    class Kind(models.TextChoices):
        RECEIVE = "receive", _("Received")
        ADJUST = "adjust", _("Adjusted")
        SHIP = "ship", _("Shipped")
        RETURN = "return", _("Returned")
        MOVE = "move", _("Moved")

    sku = models.ForeignKey(Sku, models.PROTECT, **LASTING)
    quantity = models.PositiveIntegerField()
    from_place = models.ForeignKey(Place, models.PROTECT, related_name="+", **LASTING)
    to_place = models.ForeignKey(Place, models.PROTECT, related_name="+", **LASTING)
    kind = models.CharField(max_length=10, choices=Kind)
    cause_type = models.CharField(max_length=30)  # the document: "shipment", "receipt", "count"
    cause_id = models.CharField(max_length=60)
    cause_line = models.CharField(max_length=60, default="")
    cause_step = models.CharField(max_length=30, default="")
    reason = models.CharField(max_length=200, default="")
    by = models.ForeignKey("erp.Actor", models.PROTECT, **LASTING)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="movement_moves_something"
            ),
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
        indexes = [models.Index(fields=["sku", "-id"], name="movement_by_sku")]


class Reservation(models.Model):
    """Units of a SKU in a warehouse promised to one holder: an order line or a cart."""

    class Holder(models.TextChoices):
        ORDER_LINE = "order_line"
        CART = "cart"

    holder_kind = models.CharField(max_length=12, choices=Holder)
    holder_id = models.BigIntegerField()
    sku = models.ForeignKey(Sku, models.PROTECT, **LASTING)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, **LASTING)
    quantity = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=ReservationStatus)
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="reservation_of_something"
            ),
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
                fields=["expires_at"], condition=Q(status="held"), name="reservation_expiring"
            ),
        ]


class StockDocument(models.Model):
    """What a person or a file said about stock: a receipt, an adjustment, a write-off.

    `is_history` marks what was imported as the past: it moved no live stock.
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Receipt")
        ADJUSTMENT = "adjustment", _("Adjustment")

    kind = models.CharField(max_length=12, choices=Kind)
    channel = models.ForeignKey("erp.Channel", models.PROTECT, null=True)
    external_id = models.CharField(max_length=100, null=True)
    reason = models.CharField(max_length=200, default="")
    country = models.CharField(max_length=60, default="")  # as the source wrote it
    is_history = models.BooleanField(default=False)
    by = models.ForeignKey("erp.Actor", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"],
                condition=Q(external_id__isnull=False),
                name="stock_document_once_per_channel",
            )
        ]


class StockDocumentLine(models.Model):
    """One SKU of a stock document, with the signed change it states."""

    document = models.ForeignKey(StockDocument, models.PROTECT, related_name="lines")
    sku = models.ForeignKey(Sku, models.PROTECT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True)
    quantity_change = models.IntegerField()
    unit_value = models.DecimalField(max_digits=19, decimal_places=4, default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(quantity_change=0), name="stock_line_changes")
        ]
