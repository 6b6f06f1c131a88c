"""Stores warehouses, zones, bins and the places outside them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.countries import CountryField
from erp.names import NameField
from erp.zone_names import ZoneField


class Warehouse(models.Model):
    """A building that ships. Lower `priority` is preferred when several could.

    approval_over   an adjustment, a write-off or a count that changes the stock's value by more
                    than this waits for an approval; null: none waits
    purchase_approval_over  who writes a purchase order above this does not approve it; in the
                    company's currency; null: may
    counts_per_night  SKUs of the count that begins each night, the longest uncounted first; 0: none
    """

    code = models.SlugField(_("code"), unique=True)
    name = NameField(_("name"), max_length=100)
    country = CountryField(_("country"))  # ISO 3166-1 alpha-2
    region = models.CharField(_("region"), max_length=60, default="", blank=True)
    city = models.CharField(_("city"), max_length=80, default="", blank=True)
    line1 = models.CharField(_("address"), max_length=200, default="", blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, default="", blank=True)
    phone = models.CharField(_("phone"), max_length=40, default="", blank=True)
    time_zone = ZoneField(_("time zone"), default="Asia/Shanghai")
    cut_off = models.TimeField(_("cut-off"), default="16:00")  # local; later orders ship next day
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    approval_over = models.DecimalField(
        _("approval over"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    purchase_approval_over = models.DecimalField(
        _("purchase approval over"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    counts_per_night = models.PositiveSmallIntegerField(_("SKUs counted a day"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")

    def __str__(self) -> str:
        return self.code


class Zone(models.Model):
    """A part of a warehouse: an aisle, a cold room, a mezzanine."""

    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="zones")
    code = models.CharField(_("code"), max_length=20)
    name = NameField(_("name"), max_length=80, default="", blank=True)
    pick_sequence = models.PositiveIntegerField(_("pick sequence"), default=0)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        constraints = [models.UniqueConstraint(fields=["warehouse", "code"], name="zone_code_once")]

    def __str__(self) -> str:
        return self.code


class Place(models.Model):
    """Somewhere goods can be: the two ends of every movement.

    Only bins count as on hand, whatever their use. A warehouse's quarantine, damaged, returns
    and transit places hold goods that cannot be promised; supplier, customer and lost are the
    world outside. `frozen_by` is the count that forbids movements here until it ends.
    """

    class Kind(models.TextChoices):
        BIN = "bin", _("Bin")
        QUARANTINE = "quarantine", _("Quarantine")
        DAMAGED = "damaged", _("Damaged")
        RETURNS = "returns", _("Returns")
        IN_TRANSIT = "in_transit", _("In transit")
        SUPPLIER = "supplier", _("Supplier")
        CUSTOMER = "customer", _("Customer")
        LOST = "lost", _("Lost")

    class Use(models.TextChoices):
        RECEIVING = "receiving", _("Receiving")
        PICK = "pick", _("Pick face")
        RESERVE = "reserve", _("Reserve")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    use = models.CharField(_("use"), max_length=10, choices=Use, default=Use.PICK)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, null=True, blank=True)
    zone = models.ForeignKey(Zone, models.PROTECT, null=True, blank=True, related_name="bins")
    code = models.CharField(_("code"), max_length=30)
    pick_sequence = models.PositiveIntegerField(_("pick sequence"), default=0)
    is_active = models.BooleanField(_("active"), default=True)
    frozen_by = models.ForeignKey(
        "inventory.StockCount", models.PROTECT, null=True, blank=True, related_name="+"
    )

    # What lists add to a row before they show it.
    contents: list[tuple[str, int]]

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        constraints = [
            models.UniqueConstraint(
                fields=["warehouse", "code"], name="place_code_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["supplier", "customer", "lost"]) | Q(warehouse__isnull=False),
                name="place_inside_has_warehouse",
            ),
        ]

    def __str__(self) -> str:
        return self.code
