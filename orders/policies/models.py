"""Stores channel policies, order types and custom fields."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.names import Named, NameField, is_named
from orders.pricing.models.prices import PriceList


class CustomField(Named):
    """One custom field, or a custom status: a choice among names.

    code      its key in the metadata of orders, as shops send it
    choices   of a field of kind "choice"
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        YES_NO = "yes_no", _("Yes or no")
        DATE = "date", _("Date")
        CHOICE = "choice", _("One of several")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    choices = ArrayField(
        models.CharField(max_length=60), verbose_name=_("choices"), default=list, blank=True
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = [
            is_named("custom_field_is_named"),
            models.CheckConstraint(
                condition=~Q(kind="choice") | Q(choices__len__gt=0), name="custom_choices_given"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class OrderType(Named):
    """An order type with its own policy: a built-in one, changed, or the merchant's own.

    review, cooling_off_minutes   "" and null: as the channel has them
    """

    class Review(models.TextChoices):
        HOLD = "hold", _("Uncertain findings put the order on hold")
        RECORD = "record", _("Uncertain findings are recorded only")
        ALWAYS = "always", _("A person looks at every order")

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = NameField(_("name"), max_length=100)
    review = models.CharField(_("review"), max_length=10, choices=Review, default="", blank=True)
    cooling_off_minutes = models.PositiveIntegerField(
        _("cooling-off period (minutes)"), null=True, blank=True
    )
    is_free = models.BooleanField(_("free of charge"), default=False)  # replaces something
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("order type")
        verbose_name_plural = _("order types")
        constraints = [is_named("order_type_is_named")]

    def __str__(self) -> str:
        return self.code


class ChannelPolicy(models.Model):
    """How we trade on a channel: prices, backorders, what a finding leads to."""

    class Review(models.TextChoices):
        HOLD = "hold", _("Uncertain findings put the order on hold")
        RECORD = "record", _("Uncertain findings are recorded only")

    class RouteBy(models.TextChoices):
        NEAR = "near", _("The nearest")
        CHEAP = "cheap", _("The cheapest")
        PRIORITY = "priority", _("The preferred")

    class Invoices(models.TextChoices):
        NONE = "", _("By hand")
        ORDER = "order", _("Each order once it is confirmed")
        SHIPMENT = "shipment", _("Shipped goods, parcel by parcel")

    class ShortStock(models.TextChoices):
        AVAILABLE = "available", _("Ship available items now, the rest when they arrive")
        COMPLETE = "complete", _("Wait until everything is available")
        ASK = "ask", _("Its customer is asked")

    channel = models.OneToOneField("erp.Channel", models.CASCADE, related_name="policy")
    price_list = models.ForeignKey(PriceList, models.PROTECT)
    accepts_backorders = models.BooleanField(_("accepts backorders"), default=False)
    review = models.CharField(_("review"), max_length=10, choices=Review, default=Review.HOLD)
    price_tolerance = models.DecimalField(  # beyond it a foreign price is a finding
        _("price tolerance (%)"), max_digits=5, decimal_places=2, default=5, db_default=5
    )
    min_margin = models.DecimalField(  # of an order's goods over their cost; null: not looked at
        _("minimum margin (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    duplicate_minutes = (
        models.PositiveIntegerField(  # the same again within this is a finding; 0: none is
            _("duplicate window (minutes)"), default=60, db_default=60
        )
    )
    order_type = models.SlugField(  # of orders that name none; see orders/policies/order_types.py
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
            _("auto-merge window (minutes)"), default=0, db_default=0
        )
    )
    invoices = models.CharField(
        _("invoicing"),
        max_length=10,
        choices=Invoices,
        default=Invoices.NONE,
        db_default="",
        blank=True,
    )
    invoices_from = models.DateTimeField(  # orders confirmed before it are invoiced by hand
        _("automatic invoicing from"), default=timezone.now, db_default=Now()
    )
    priority = models.SmallIntegerField(  # of its orders, when goods are short: 9 first
        _("priority in shortages"), default=0, db_default=0
    )
    edit_minutes = models.PositiveIntegerField(  # null: until the warehouse begins
        _("shop may change orders for (minutes)"), null=True, blank=True
    )
    choice_days = models.PositiveSmallIntegerField(_("days to choose"), default=3, db_default=3)
    remind_unpaid_hours = models.PositiveIntegerField(  # null: nobody is reminded
        _("payment reminder after (hours)"), null=True, blank=True
    )
    expire_unpaid_hours = models.PositiveIntegerField(  # null: it waits for ever
        _("unpaid orders expire after (hours)"), null=True, blank=True
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
