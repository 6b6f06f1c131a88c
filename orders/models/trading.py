"""How we trade: price lists, tax, shipping services, a channel's policy."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.amounts import AMOUNT


class PriceList(models.Model):
    """A set of prices in one currency, with tax in them or without."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    currency = models.CharField(_("currency"), max_length=3)
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

    country = models.CharField(_("country"), max_length=2)
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


class ShippingService(models.Model):
    """A way of shipping that a customer can choose, with its fee and its usual days."""

    code = models.SlugField(_("code"))
    name = models.CharField(_("name"), max_length=100)
    name_zh = models.CharField(_("Chinese name"), max_length=100, default="", blank=True)
    carrier = models.CharField(_("carrier"), max_length=40, default="throughline")
    currency = models.CharField(_("currency"), max_length=3)
    fee = models.DecimalField(_("fee"), **AMOUNT)  # as shown: with tax where the price list has it
    free_from = models.DecimalField(_("free from"), null=True, blank=True, **AMOUNT)
    transit_p50 = models.PositiveSmallIntegerField(_("usual days"), default=2)
    transit_p90 = models.PositiveSmallIntegerField(_("most days"), default=4)
    learns_days = models.BooleanField(  # each night, of what was delivered, once there is enough
        _("days follow what was delivered"), default=True, db_default=True
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("shipping service")
        verbose_name_plural = _("shipping services")
        constraints = [
            models.UniqueConstraint(fields=["code", "currency"], name="service_once_per_currency")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"


class OrderType(models.Model):
    """A kind of orders with a way of its own: one of ours, changed, or the merchant's own.

    review, cooling_off_minutes   "" and null: as the channel has them
    """

    class Review(models.TextChoices):
        HOLD = "hold", _("Doubtful findings hold the order")
        RECORD = "record", _("Doubtful findings are recorded only")
        ALWAYS = "always", _("A person looks at every order")

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_zh = models.CharField(_("Chinese name"), max_length=100, default="", blank=True)
    review = models.CharField(_("review"), max_length=10, choices=Review, default="", blank=True)
    cooling_off_minutes = models.PositiveIntegerField(
        _("cooling-off period (minutes)"), null=True, blank=True
    )
    is_free = models.BooleanField(_("free of charge"), default=False)  # replaces something
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("order type")
        verbose_name_plural = _("order types")

    def __str__(self) -> str:
        return self.code


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in the company's own, from a day on."""

    currency = models.CharField(_("currency"), max_length=3)
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


class ChannelPolicy(models.Model):
    """How we trade on a channel: prices, backorders, what a finding leads to."""

    class Review(models.TextChoices):
        HOLD = "hold", _("Doubtful findings hold the order")
        RECORD = "record", _("Doubtful findings are recorded only")

    class RouteBy(models.TextChoices):
        NEAR = "near", _("The nearest")
        CHEAP = "cheap", _("The cheapest")
        PRIORITY = "priority", _("The preferred")

    class Invoices(models.TextChoices):
        NONE = "", _("By hand")
        ORDER = "order", _("Each order once it is confirmed")
        SHIPMENT = "shipment", _("What has left, parcel by parcel")

    class ShortStock(models.TextChoices):
        AVAILABLE = "available", _("What is there is shipped, the rest when it comes")
        COMPLETE = "complete", _("It waits until everything is there")
        ASK = "ask", _("Its customer is asked")

    channel = models.OneToOneField("erp.Channel", models.CASCADE, related_name="policy")
    price_list = models.ForeignKey(PriceList, models.PROTECT)
    accepts_backorders = models.BooleanField(_("accepts backorders"), default=False)
    review = models.CharField(_("review"), max_length=10, choices=Review, default=Review.HOLD)
    price_tolerance = models.DecimalField(  # beyond it a foreign price is a finding
        _("price tolerance (%)"), max_digits=5, decimal_places=2, default=5, db_default=5
    )
    min_margin = models.DecimalField(  # of an order's goods over their cost; null: not looked at
        _("least margin (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    duplicate_minutes = (
        models.PositiveIntegerField(  # the same again within this is a finding; 0: none is
            _("doubled within (minutes)"), default=60, db_default=60
        )
    )
    order_type = models.SlugField(  # of orders that name none; see orders/order_types.py
        _("order type"), max_length=20, default="web", db_default="web"
    )
    cooling_off_minutes = models.PositiveIntegerField(  # before an order goes on; 0: at once
        _("cooling-off period (minutes)"), default=0, db_default=0
    )
    short_stock = models.CharField(  # of an order that is short of something
        _("short of goods"),
        max_length=10,
        choices=ShortStock,
        default=ShortStock.AVAILABLE,
        db_default="available",
    )
    route_by = models.CharField(  # what decides between warehouses that have as much
        _("routed by"), max_length=10, choices=RouteBy, default=RouteBy.NEAR, db_default="near"
    )
    most_parcels = models.PositiveSmallIntegerField(  # where back-orders are taken; 0: no limit
        _("parcels at most"), default=0, db_default=0
    )
    least_units = models.PositiveSmallIntegerField(  # of a further parcel
        _("units of a further parcel at least"), default=0, db_default=0
    )
    merge_minutes = (
        models.PositiveIntegerField(  # orders of one customer to one place become one; 0: none do
            _("merged by itself within (minutes)"), default=0, db_default=0
        )
    )
    invoices = models.CharField(
        _("invoices are issued"),
        max_length=10,
        choices=Invoices,
        default=Invoices.NONE,
        db_default="",
        blank=True,
    )
    invoices_from = models.DateTimeField(  # orders confirmed before it are invoiced by hand
        _("invoices orders from"), default=timezone.now, db_default=Now()
    )
    priority = models.SmallIntegerField(  # of its orders, when goods are short: 9 first
        _("priority when goods are short"), default=0, db_default=0
    )
    edit_minutes = models.PositiveIntegerField(  # null: until the warehouse begins
        _("its shop may change orders for (minutes)"), null=True, blank=True
    )
    choice_days = models.PositiveSmallIntegerField(_("days to choose"), default=3, db_default=3)
    remind_unpaid_hours = models.PositiveIntegerField(  # null: nobody is reminded
        _("remind of payment after (hours)"), null=True, blank=True
    )
    expire_unpaid_hours = models.PositiveIntegerField(  # null: it waits for ever
        _("expire unpaid after (hours)"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("channel policy")
        verbose_name_plural = _("channel policies")
        constraints = [
            models.CheckConstraint(
                condition=Q(remind_unpaid_hours=None)
                | Q(expire_unpaid_hours=None)
                | Q(remind_unpaid_hours__lt=F("expire_unpaid_hours")),
                name="reminded_before_it_expires",
            )
        ]
