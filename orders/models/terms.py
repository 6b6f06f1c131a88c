"""What was agreed with customers: their group and its prices, exemptions from tax; and what we never sell below."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models.amounts import AMOUNT


class CustomerGroup(models.Model):
    """Customers that are treated alike: retailers, staff, members of a level."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    priority = models.SmallIntegerField(  # of their orders, when goods are short: 9 first
        _("priority when goods are short"), default=0, db_default=0
    )

    class Meta:
        verbose_name = _("customer group")
        verbose_name_plural = _("customer groups")

    def __str__(self) -> str:
        return self.code


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


class TaxExemption(models.Model):
    """That a customer's orders to a country bear no tax, for a while, because of a tax id that was checked."""

    customer = models.ForeignKey("orders.Customer", models.CASCADE, related_name="exemptions")
    country = models.CharField(_("country"), max_length=2)  # shipped to
    tax_id = models.CharField(_("tax id"), max_length=40)  # as `orders.tax_ids` writes it
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "country"], name="tax_exemption_once_per_country"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_from__lt=F("valid_until")),
                name="tax_exemption_starts_before_it_ends",
            ),
        ]


class PriceFloor(models.Model):
    """What a unit is never sold below without a person's word: net of tax, after all discounts."""

    sku = models.ForeignKey("inventory.Sku", models.CASCADE)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("amount"), **AMOUNT)

    class Meta:
        verbose_name = _("price floor")
        verbose_name_plural = _("price floors")
        constraints = [
            models.UniqueConstraint(fields=["sku", "currency"], name="price_floor_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_floor_positive"),
        ]
