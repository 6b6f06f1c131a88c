"""Stores shipping services and carrier tariffs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.countries import CountryField
from erp.currencies import CurrencyField
from erp.money import AMOUNT
from erp.names import Named, NameField, is_named


class CarrierOption(models.Model):
    """One tariff of a carrier: where it reaches, what it takes, what it costs. In the company's currency."""

    carrier = models.SlugField(_("carrier"), max_length=40)
    name = NameField(_("name"), max_length=60)
    country = CountryField(_("country"), default="", blank=True)
    region = models.CharField(_("region"), max_length=60, default="", blank=True)
    services = ArrayField(
        models.CharField(max_length=50),
        verbose_name=_("for shipping services"),
        default=list,
        blank=True,
    )
    warehouses = ArrayField(
        models.CharField(max_length=50),
        verbose_name=_("from warehouses"),
        default=list,
        blank=True,
    )
    min_g = models.PositiveIntegerField(_("from (g)"), default=0)
    max_g = models.PositiveIntegerField(_("up to (g), 0: no limit"), default=0)
    takes_cod = models.BooleanField(_("takes cash on delivery"), default=True)
    takes_large = models.BooleanField(_("takes large items"), default=False)
    first_g = models.PositiveIntegerField(_("first weight (g)"), default=1000)
    first_fee = models.DecimalField(_("fee for the first weight"), default=0, **AMOUNT)
    step_g = models.PositiveIntegerField(_("further step (g)"), default=1000)
    step_fee = models.DecimalField(_("fee for each step"), default=0, **AMOUNT)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("carrier tariff")
        verbose_name_plural = _("carrier tariffs")
        constraints = [
            models.UniqueConstraint(
                fields=["carrier", "country", "region", "services", "warehouses", "min_g"],
                name="carrier_option_once",
            ),
            models.CheckConstraint(
                condition=Q(max_g=0) | Q(max_g__gt=F("min_g")),
                name="carrier_option_some_weight",
            ),
            models.CheckConstraint(
                condition=Q(first_fee__gte=0, step_fee__gte=0), name="carrier_fees_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.country} {self.region}".strip()


class ShippingService(Named):
    """A way of shipping that a customer can choose, with its fee and its usual days."""

    code = models.SlugField(_("code"))
    name = NameField(_("name"), max_length=100)
    carrier = models.CharField(_("carrier"), max_length=40, default="throughline")
    currency = CurrencyField(_("currency"))
    fee = models.DecimalField(_("fee"), **AMOUNT)  # as shown: with tax where the price list has it
    free_from = models.DecimalField(_("free from"), null=True, blank=True, **AMOUNT)
    transit_p50 = models.PositiveSmallIntegerField(_("usual transit days"), default=2)
    transit_p90 = models.PositiveSmallIntegerField(_("maximum transit days"), default=4)
    learns_days = models.BooleanField(  # each night, of what was delivered, once there is enough
        _("transit days learned from deliveries"), default=True, db_default=True
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("shipping service")
        verbose_name_plural = _("shipping services")
        constraints = [
            is_named("service_is_named"),
            models.UniqueConstraint(fields=["code", "currency"], name="service_once_per_currency"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"
