"""Stores promotions and coupons."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.currencies import CurrencyField
from erp.money import AMOUNT
from erp.names import Named, NameField, is_named


class Promotion(Named):
    """A rule that makes orders cheaper, for a while, on some channels, of some SKUs.

    Amounts are as customers see them: with tax where the price list has it.
    base           what it is counted from: list prices, or what earlier promotions have left
    priority       lower ones come first; of the same, by code
    is_exclusive   it applies alone: not after another, and none after it
    stack_group    of the promotions with the same one, only the first applies
    repeats        once for every `min_amount` or `min_quantity` that is reached, not once
    """

    class Kind(models.TextChoices):
        PERCENTAGE = "percentage", _("Percentage off")
        AMOUNT = "amount", _("Amount off")
        TIERS = "tiers", _("Off by tiers")
        BUY_GET = "buy_get", _("Buy some, get some")
        GIFT = "gift", _("Gift")
        FREE_SHIPPING = "free_shipping", _("Free shipping")

    class Base(models.TextChoices):
        LIST = "list", _("List prices")
        RUNNING = "running", _("What earlier promotions leave")

    class TiersOf(models.TextChoices):
        AMOUNT = "amount", _("Amount")
        QUANTITY = "quantity", _("Units")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    currency = CurrencyField(_("currency"))
    channels = models.ManyToManyField("erp.Channel", verbose_name=_("channels"), blank=True)
    skus = models.ManyToManyField("inventory.Sku", verbose_name=_("SKUs"), blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    min_amount = models.DecimalField(_("from an amount of"), null=True, blank=True, **AMOUNT)
    min_quantity = models.PositiveIntegerField(_("from units"), null=True, blank=True)
    percent = models.DecimalField(
        _("percent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    amount = models.DecimalField(_("amount"), null=True, blank=True, **AMOUNT)
    tiers_of = models.CharField(
        _("tiers by"), max_length=10, choices=TiersOf, default=TiersOf.AMOUNT
    )
    buy_quantity = models.PositiveIntegerField(_("buy"), null=True, blank=True)
    get_quantity = models.PositiveIntegerField(_("get"), null=True, blank=True)
    repeats = models.BooleanField(_("each time"), default=False)
    cap = models.DecimalField(_("at most"), null=True, blank=True, **AMOUNT)
    base = models.CharField(_("counted from"), max_length=10, choices=Base, default=Base.RUNNING)
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    is_exclusive = models.BooleanField(_("cannot be combined"), default=False)
    stack_group = models.CharField(_("one of the group"), max_length=40, default="", blank=True)
    needs_coupon = models.BooleanField(_("with a coupon only"), default=False)
    max_uses = models.PositiveIntegerField(_("uses at most"), null=True, blank=True)
    used = models.PositiveIntegerField(default=0, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = [
            is_named("promotion_is_named"),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(used__lte=F("max_uses")),
                name="promotion_used_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | (Q(percent__gt=0) & Q(percent__lte=100)),
                name="promotion_percent_is_one",
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gt=0), name="promotion_amount_positive"
            ),
            models.CheckConstraint(
                condition=(~Q(kind="percentage") | Q(percent__isnull=False))
                & (~Q(kind="amount") | Q(amount__isnull=False))
                & (
                    ~Q(kind="buy_get")
                    | (Q(buy_quantity__gt=0) & Q(get_quantity__gt=0) & Q(percent__isnull=False))
                ),
                name="promotion_says_what_it_gives",
            ),
            models.CheckConstraint(
                condition=Q(repeats=False)
                | Q(min_amount__gt=0, min_quantity=None)
                | Q(min_quantity__gt=0, min_amount=None),
                name="promotion_repeats_by_one_measure",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PromotionTier(models.Model):
    """From so much on: an amount off, or a percentage. The highest that is reached counts."""

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="tiers")
    reached = models.DecimalField(_("from"), **AMOUNT)
    amount = models.DecimalField(_("amount"), null=True, blank=True, **AMOUNT)
    percent = models.DecimalField(
        _("percent"), max_digits=5, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        constraints = [
            models.UniqueConstraint(fields=["promotion", "reached"], name="tier_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, percent=None)
                | Q(amount=None, percent__gt=0, percent__lte=100),
                name="tier_gives_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reached}"


class PromotionGift(models.Model):
    """What a promotion adds to an order, as long as there is some."""

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="gifts")
    sku = models.ForeignKey("inventory.Sku", models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField(_("units"), default=1)

    class Meta:
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        constraints = [
            models.UniqueConstraint(fields=["promotion", "sku"], name="gift_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="gift_some"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"


class Coupon(models.Model):
    """A code that a promotion may be asked for with, so often and for so long.

    code   upper case; customers may write it as they like
    """

    code = models.CharField(_("code"), max_length=40, unique=True)
    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="coupons")
    max_uses = models.PositiveIntegerField(_("uses at most"), null=True, blank=True)
    max_uses_per_customer = models.PositiveIntegerField(
        _("uses at most by a customer"), null=True, blank=True
    )
    used = models.PositiveIntegerField(default=0, editable=False)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(used__lte=F("max_uses")),
                name="coupon_used_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(code=models.functions.Upper("code")), name="coupon_code_upper_case"
            ),
        ]

    def __str__(self) -> str:
        return self.code
