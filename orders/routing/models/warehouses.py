"""Stores lanes, home warehouses, capacities and calendar exceptions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.countries import CountryField
from erp.money import AMOUNT


class Lane(models.Model):
    """From a warehouse to a country, or a region of it. A warehouse that has lanes ships nowhere else.

    distance_km, cost   empty where nobody has said; the cost of a parcel is in the company's currency
    """

    warehouse = models.ForeignKey("inventory.Warehouse", models.CASCADE, related_name="+")
    country = CountryField(_("country"))
    region = models.CharField(_("region"), max_length=60, default="", blank=True)  # "": all of it
    distance_km = models.PositiveIntegerField(_("distance (km)"), null=True, blank=True)
    cost = models.DecimalField(_("cost of a parcel"), null=True, blank=True, **AMOUNT)
    is_open = models.BooleanField(_("ships there"), default=True)

    class Meta:
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "country", "region"], name="lane_once"),
            models.CheckConstraint(
                condition=Q(cost=None) | Q(cost__gte=0), name="lane_cost_not_negative"
            ),
        ]


class SkuHome(models.Model):
    """That a SKU ships from this warehouse, and from others only if they are named likewise."""

    sku = models.ForeignKey("inventory.Sku", models.CASCADE, related_name="+")
    warehouse = models.ForeignKey("inventory.Warehouse", models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("fixed warehouse")
        verbose_name_plural = _("fixed warehouses")
        constraints = [models.UniqueConstraint(fields=["sku", "warehouse"], name="sku_home_once")]


class Capacity(models.Model):
    """How many orders a warehouse can take on a day; further ones go elsewhere where they can."""

    warehouse = models.OneToOneField("inventory.Warehouse", models.CASCADE, related_name="+")
    orders_a_day = models.PositiveIntegerField(_("orders a day"))

    class Meta:
        verbose_name = _("capacity")
        verbose_name_plural = _("capacities")


class RoutedOrder(models.Model):
    """That an order was given to a warehouse whose capacity is limited, on a day there."""

    warehouse = models.ForeignKey("inventory.Warehouse", models.CASCADE, db_index=False)
    on = models.DateField()
    order = models.ForeignKey("orders.Order", models.CASCADE, db_constraint=False, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "on", "order"], name="routed_order_once")
        ]


class WarehouseDay(models.Model):
    """A day on which a warehouse works although its country does not, or the other way round: stocktaking, a sale."""

    warehouse = models.ForeignKey("inventory.Warehouse", models.CASCADE, related_name="+")
    on = models.DateField(_("day"))
    is_working = models.BooleanField(_("working day"), default=False)
    note = models.CharField(_("note"), max_length=100, default="", blank=True)

    class Meta:
        verbose_name = _("warehouse calendar exception")
        verbose_name_plural = _("warehouse calendar exceptions")
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "on"], name="warehouse_day_once")
        ]
