"""Stores SKUs, their barcodes and the parts of bundles."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.names import Named, NameField, is_named
from inventory.catalogue.decisions import AvailabilityDocument


class Sku(Named):
    """A thing stocked and sold, counted in each.

    A service SKU is sold but never stocked; a bundle is sold, its parts are stocked.
    """

    class Tracking(models.TextChoices):
        NONE = "none", _("None")
        LOT = "lot", _("Lot")
        SERIAL = "serial", _("Serial number")

    code = models.CharField(_("code"), max_length=60, unique=True)  # case-sensitive
    name = NameField(_("name"), max_length=250)
    category = models.CharField(_("category"), max_length=80, default="", blank=True)
    barcode = models.CharField(_("barcode (GTIN)"), max_length=20, default="", blank=True)
    weight_g = models.PositiveIntegerField(_("weight (g)"), default=0)
    length_mm = models.PositiveIntegerField(_("length (mm)"), default=0)
    width_mm = models.PositiveIntegerField(_("width (mm)"), default=0)
    height_mm = models.PositiveIntegerField(_("height (mm)"), default=0)
    is_large = models.BooleanField(  # 大件
        _("ships separately: one per parcel"), default=False, db_default=False
    )
    tracking = models.CharField(
        _("tracking"), max_length=10, choices=Tracking, default=Tracking.NONE
    )
    sell_by_days = models.PositiveIntegerField(  # lots this near their expiry are not sold
        _("stop selling (days before expiry)"), default=0
    )
    abc_class = models.CharField(_("ABC class"), max_length=1, default="", blank=True)
    tax_class = models.CharField(_("tax class"), max_length=20, default="standard")
    is_service = models.BooleanField(_("service"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    # What lists add to a row before they show it.
    stock: AvailabilityDocument
    low: int

    class Meta:
        verbose_name = "SKU"
        verbose_name_plural = "SKUs"
        constraints = [is_named("sku_is_named")]
        indexes = [
            models.Index(fields=["barcode"], condition=~Q(barcode=""), name="sku_by_barcode")
        ]

    def __str__(self) -> str:
        return self.code


class Barcode(models.Model):
    """One more code that a scanner may read for a SKU: a case, an older GTIN, a supplier's own."""

    class Kind(models.TextChoices):
        GTIN = "gtin", "GTIN"
        INTERNAL = "internal", _("Internal")
        SUPPLIER = "supplier", _("Supplier's")

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="barcodes")
    code = models.CharField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.GTIN)
    units = models.PositiveIntegerField(_("units"), default=1)  # in a case, a box, a pallet

    class Meta:
        verbose_name = _("barcode")
        verbose_name_plural = _("barcodes")
        constraints = [
            models.CheckConstraint(condition=Q(units__gt=0), name="barcode_of_something")
        ]

    def __str__(self) -> str:
        return self.code


class BundlePart(models.Model):
    """Units of a SKU in one unit of a bundle. A bundle's parts are stocked SKUs, not bundles."""

    bundle = models.ForeignKey(Sku, models.PROTECT, related_name="parts")
    part = models.ForeignKey(Sku, models.PROTECT, related_name="part_of")
    quantity = models.PositiveIntegerField(_("units"))

    class Meta:
        verbose_name = _("bundle part")
        verbose_name_plural = _("bundle parts")
        constraints = [
            models.UniqueConstraint(fields=["bundle", "part"], name="bundle_part_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="bundle_part_some"),
            models.CheckConstraint(condition=~Q(bundle=F("part")), name="bundle_not_of_itself"),
        ]


class StockPolicy(models.Model):
    """How a SKU's stock is kept in a warehouse: what is never promised, when to buy more.

    safety         units left out of what can be promised (available to promise)
    reorder_point  buy when available and on order fall to this; null: computed from demand
    order_up_to    buy up to this; null: computed
    """

    sku = models.ForeignKey(Sku, models.PROTECT, related_name="policies")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    safety = models.PositiveIntegerField(_("safety stock"), default=0)
    reorder_point = models.PositiveIntegerField(_("reorder point"), null=True, blank=True)
    order_up_to = models.PositiveIntegerField(_("order up to"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock policy")
        verbose_name_plural = _("stock policies")
        constraints = [
            models.UniqueConstraint(fields=["sku", "warehouse"], name="stock_policy_once")
        ]
