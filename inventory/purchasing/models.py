"""Stores suppliers, their terms and purchase orders."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.approvals.models import Proposal, approved_before, four_eyes
from erp.countries import CountryField
from erp.currencies import CurrencyField
from erp.money import DIGITS, decimals, is_currency
from erp.names import NameField
from inventory.catalogue.models import Sku
from inventory.purchasing.states import PurchaseStatus
from inventory.stock.models.places import Warehouse


class Supplier(models.Model):
    """Who sells to us, how fast, and on what terms.

    orders_itself   each purchase cycle what is suggested is ordered by the nightly round
    """

    code = models.SlugField(_("code"), unique=True)
    name = NameField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), default="", blank=True)
    phone = models.CharField(_("phone"), max_length=40, default="", blank=True)
    address = models.CharField(_("address"), max_length=250, default="", blank=True)
    country = CountryField(_("country"), default="CN")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    currency = CurrencyField(_("currency"), default="CNY")  # ISO 4217
    lead_time_days = models.PositiveSmallIntegerField(_("lead time (days)"), default=14)
    review_days = models.PositiveSmallIntegerField(_("purchase cycle (days)"), default=7)
    min_order_value = models.DecimalField(
        _("minimum order value"), max_digits=14, decimal_places=2, default=0
    )
    payment_terms = models.CharField(_("payment terms"), max_length=120, default="", blank=True)
    orders_itself = models.BooleanField(_("orders automatically"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("supplier")
        verbose_name_plural = _("suppliers")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a least order that its currency cannot say: half a yen."""
        least: object = self.min_order_value  # text, where it was refused already
        known = is_currency(self.currency) and isinstance(least, Decimal) and least.is_finite()
        if known and decimals(self.min_order_value) > DIGITS[self.currency]:
            detail = _("An amount has at most the decimal places of %(currency)s.")
            raise ValidationError({"min_order_value": detail % {"currency": self.currency}})


class SupplierTerm(models.Model):
    """One SKU as a supplier sells it: its code, pack, least quantity, lead time, price breaks.

    Several rows of one SKU and supplier are price breaks: the one with the largest
    `min_quantity` not above what is bought holds. Lower `preference` is asked first.
    """

    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="terms")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="terms")
    supplier_sku = models.CharField(_("supplier's code"), max_length=80, default="", blank=True)
    min_quantity = models.PositiveIntegerField(_("from (units)"), default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=19, decimal_places=4)
    pack_size = models.PositiveIntegerField(_("pack (units)"), default=1)
    moq = models.PositiveIntegerField(_("minimum order quantity"), default=1)
    lead_time_days = models.PositiveSmallIntegerField(
        _("lead time (days)"), null=True, blank=True
    )  # null: the supplier's
    preference = models.PositiveSmallIntegerField(_("preference"), default=1)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("supplier's terms")
        verbose_name_plural = _("suppliers' terms")
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "sku", "min_quantity", "valid_from"],
                name="supplier_term_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0) & Q(pack_size__gt=0) & Q(moq__gt=0),
                name="supplier_term_makes_sense",
            ),
            models.CheckConstraint(
                condition=Q(min_quantity__gt=0), name="supplier_term_from_one_unit"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gte=F("valid_from")),
                name="supplier_term_days_in_order",
            ),
        ]

    def clean(self) -> None:
        """Refuse, at its field, what never could hold: from no unit on, in packs of none, until before it begins."""
        wrong = {
            name: _("At least 1.")
            for name in ("min_quantity", "pack_size", "moq")
            if getattr(self, name) == 0
        }
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            wrong["valid_until"] = _("The period ends before it begins.")
        if isinstance(self.unit_price, Decimal) and self.unit_price < 0:
            wrong["unit_price"] = _("An amount such as 12.50.")
        if wrong:
            raise ValidationError(wrong)


class PurchaseOrder(Proposal):
    """Goods ordered from a supplier for one warehouse."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="orders")
    warehouse = models.ForeignKey(Warehouse, models.PROTECT, related_name="+")
    status = models.CharField(_("state"), max_length=14, choices=PurchaseStatus)
    currency = CurrencyField()
    exchange_rate = models.DecimalField(  # company currency for one of the supplier's
        max_digits=19, decimal_places=8, default=1
    )
    total = models.DecimalField(max_digits=19, decimal_places=4, default=0)
    supplier_reference = models.CharField(max_length=80, default="", blank=True)
    note = models.CharField(max_length=500, default="", blank=True)
    order_number = models.CharField(max_length=20, default="", blank=True)  # bought for an order
    is_suggested = models.BooleanField(default=False)
    expected_on = models.DateField(null=True)
    warned_on = models.DateField(null=True)  # of the lateness that people were told of
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=PurchaseStatus.values), name="purchase_status_known"
            ),
            models.CheckConstraint(
                condition=Q(exchange_rate__gt=0), name="purchase_rate_above_zero"
            ),
            four_eyes("purchase_four_eyes"),
            approved_before(
                "purchase_approved_before_it_is_sent",
                ~Q(status__in=[PurchaseStatus.DRAFT, PurchaseStatus.CANCELLED]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["expected_on", "id"],
                condition=Q(status__in=["sent", "acknowledged", "part_received"]),
                name="purchase_under_way",
            )
        ]

    def __str__(self) -> str:
        return self.number


class PurchaseLine(models.Model):
    """Units of a SKU in a purchase order: ordered, arrived, called off."""

    purchase = models.ForeignKey(PurchaseOrder, models.CASCADE, related_name="lines")
    sku = models.ForeignKey(Sku, models.PROTECT)
    warehouse = models.ForeignKey(Warehouse, models.PROTECT)  # as the order's: where it comes in
    supplier_sku = models.CharField(max_length=80, default="", blank=True)
    quantity = models.PositiveIntegerField()
    quantity_received = models.PositiveIntegerField(default=0)  # good ones
    quantity_rejected = models.PositiveIntegerField(default=0)  # damaged on arrival
    quantity_cancelled = models.PositiveIntegerField(default=0)
    quantity_incoming = models.PositiveIntegerField(default=0)  # of an order under way
    unit_price = models.DecimalField(max_digits=19, decimal_places=4)
    expected_on = models.DateField(null=True)
    reasons = models.JSONField(default=list)  # of the suggestion: its arithmetic

    # What pages add to a row before they show it.
    sentences: list[str]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase", "sku"], name="purchase_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0)
                & Q(quantity_cancelled__lte=F("quantity"))
                & Q(unit_price__gte=0),
                name="purchase_line_makes_sense",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sku", "expected_on"],
                condition=Q(quantity_incoming__gt=0),
                name="purchase_line_coming",
            )
        ]
