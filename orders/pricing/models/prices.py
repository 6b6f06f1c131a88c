"""Stores price lists, prices, floors, tax rates and exchange rates."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.countries import CountryField
from erp.currencies import CurrencyField
from erp.money import AMOUNT
from erp.names import NameField
from orders.customers.models import CustomerGroup


class PriceList(models.Model):
    """A set of prices in one currency, with tax in them or without."""

    code = models.SlugField(_("code"), unique=True)
    name = NameField(_("name"), max_length=100)
    currency = CurrencyField(_("currency"))
    includes_tax = models.BooleanField(_("prices include tax"), default=True)

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """What one unit of a SKU costs from a quantity on, in a price list, for a while."""

    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="prices")
    sku = models.ForeignKey("inventory.Sku", models.CASCADE)
    min_quantity = models.PositiveIntegerField(default=1)
    amount = models.DecimalField(**AMOUNT)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_negative"),
            models.UniqueConstraint(
                fields=["price_list", "sku", "min_quantity", "valid_from"],
                name="price_once",
                nulls_distinct=False,
            ),
        ]


class TaxRate(models.Model):
    """The rate of a tax class in a country (and region), for a while. 0.13 is 13 %."""

    country = CountryField(_("country"))
    region = models.CharField(_("region"), max_length=60, default="", blank=True)
    tax_class = models.CharField(_("tax class"), max_length=20, default="standard")
    rate = models.DecimalField(_("rate"), max_digits=7, decimal_places=5)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gte=0) & Q(rate__lt=1), name="tax_rate_is_a_share"
            )
        ]


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in the company's own, from a day on."""

    currency = CurrencyField(_("currency"))
    on = models.DateField(_("from"))
    rate = models.DecimalField(_("rate"), max_digits=20, decimal_places=10)
    source = models.CharField(_("source"), max_length=60, default="", blank=True)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(fields=["currency", "on"], name="exchange_rate_once"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.on}"


class GroupPriceList(models.Model):
    """The price list that a group buys by, on one channel or (none named) on all that sell in its currency.

    What it does not price is sold at the channel's own price.
    """

    group = models.ForeignKey(CustomerGroup, models.CASCADE, related_name="price_lists")
    channel = models.ForeignKey("erp.Channel", models.CASCADE, null=True, blank=True)
    price_list = models.ForeignKey("orders.PriceList", models.PROTECT)

    class Meta:
        verbose_name = _("price list of a group")
        verbose_name_plural = _("price lists of groups")
        constraints = [
            models.UniqueConstraint(
                fields=["group", "channel", "price_list"],
                name="group_price_list_once",
                nulls_distinct=False,
            )
        ]


class PriceFloor(models.Model):
    """What a unit is never sold below without a person's word: net of tax, after all discounts."""

    sku = models.ForeignKey("inventory.Sku", models.CASCADE)
    currency = CurrencyField(_("currency"))
    amount = models.DecimalField(_("amount"), **AMOUNT)

    class Meta:
        verbose_name = _("price floor")
        verbose_name_plural = _("price floors")
        constraints = [
            models.UniqueConstraint(fields=["sku", "currency"], name="price_floor_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_floor_positive"),
        ]
