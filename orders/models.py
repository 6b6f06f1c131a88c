"""What customers asked for: orders, their lines, money, holds, and what happened to them."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from erp.access.models import LASTING
from orders.states import (
    FulfillmentStatus,
    HoldKind,
    OrderStatus,
    PaymentStatus,
    ReturnStatus,
)

AMOUNT: dict[str, Any] = {"max_digits": 19, "decimal_places": 4}


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
    fee = models.DecimalField(
        _("fee"), **AMOUNT
    )  # as shown: with tax where the price list has it
    free_from = models.DecimalField(_("free from"), null=True, blank=True, **AMOUNT)
    transit_p50 = models.PositiveSmallIntegerField(_("usual days"), default=2)
    transit_p90 = models.PositiveSmallIntegerField(_("most days"), default=4)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("shipping service")
        verbose_name_plural = _("shipping services")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "currency"], name="service_once_per_currency"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.currency})"


class ChannelPolicy(models.Model):
    """How we trade on a channel: prices, backorders, what a finding leads to."""

    class Review(models.TextChoices):
        HOLD = "hold", _("Doubtful findings hold the order")
        RECORD = "record", _("Doubtful findings are recorded only")

    channel = models.OneToOneField("erp.Channel", models.CASCADE, related_name="policy")
    price_list = models.ForeignKey(PriceList, models.PROTECT)
    accepts_backorders = models.BooleanField(_("accepts backorders"), default=False)
    review = models.CharField(_("review"), max_length=10, choices=Review, default=Review.HOLD)

    class Meta:
        verbose_name = _("channel policy")
        verbose_name_plural = _("channel policies")


class Customer(models.Model):
    """Somebody who buys. Their names, numbers and addresses can be erased; the row stays."""

    name = models.CharField(_("name"), max_length=200, default="")
    language = models.CharField(_("language"), max_length=10, default="")
    note = models.TextField(_("note"), default="", blank=True)
    is_blocked = models.BooleanField(_("blocked"), default=False)
    min_shelf_life_days = models.PositiveIntegerField(  # of perishable goods sent to them
        _("minimum shelf life (days)"), default=0, db_default=0
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    words = SearchVectorField(null=True)  # what they are found by; see erp/search.py

    class Meta:
        indexes = [
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="customer_by_name"),
            GinIndex(fields=["words"], name="customer_search_words"),
        ]

    def __str__(self) -> str:
        return self.name


class CustomerIdentity(models.Model):
    """One thing a customer is recognised by. It points at one customer only."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")  # lower case
        PHONE = "phone", _("Phone")  # E.164
        EXTERNAL = "external", _("External id")  # "<channel>:<id>"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["value", "kind"], name="customer_identity_once")
        ]


class Order(models.Model):
    """One order. Quantities and money on lines and ledgers are the truth; axes are derived."""

    number = models.CharField(max_length=20, unique=True)  # a counter and a check digit
    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    external_id = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64, default="")
    customer = models.ForeignKey(Customer, models.PROTECT)
    currency = models.CharField(max_length=3)  # ISO 4217
    language = models.CharField(max_length=10, default="en")  # the customer's
    status = models.CharField(max_length=10, choices=OrderStatus)
    payment_status = models.CharField(max_length=15, choices=PaymentStatus)
    fulfillment_status = models.CharField(max_length=15, choices=FulfillmentStatus)
    return_status = models.CharField(max_length=15, choices=ReturnStatus, default="none")
    open_holds = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)  # counts edits of the order's own content
    payment_method = models.CharField(max_length=12)  # prepaid, cod, on_account, unpaid
    shipping_service = models.CharField(max_length=50)
    prices_include_tax = models.BooleanField()
    subtotal = models.DecimalField(**AMOUNT)  # net of tax, as are discount and shipping
    discount = models.DecimalField(**AMOUNT)
    shipping = models.DecimalField(**AMOUNT)
    shipping_tax = models.DecimalField(default=0, **AMOUNT)
    tax = models.DecimalField(**AMOUNT)  # of lines and shipping
    total = models.DecimalField(**AMOUNT)  # what the customer pays
    ship_by = models.DateTimeField(null=True)
    deliver_from = models.DateField(null=True)
    deliver_by = models.DateField(null=True)
    note = models.TextField(default="")
    metadata = models.JSONField(default=dict)
    is_history = models.BooleanField(default=False)  # imported: moves no stock, tells nobody
    country = models.CharField(max_length=60, default="")  # shipped to, as the source wrote it
    placed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)  # the last parcel left
    delivered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # completed, cancelled, rejected, expired
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"], name="order_once_per_channel"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OrderStatus.values), name="order_status_known"
            ),
            models.CheckConstraint(
                condition=Q(payment_status__in=PaymentStatus.values),
                name="order_payment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(fulfillment_status__in=FulfillmentStatus.values),
                name="order_fulfillment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(return_status__in=ReturnStatus.values),
                name="order_return_status_known",
            ),
            models.CheckConstraint(
                condition=Q(total=F("subtotal") - F("discount") + F("shipping") + F("tax")),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="order_total_not_negative"),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(
                fields=["channel", "-placed_at", "-id"], name="order_newest_of_channel"
            ),
            models.Index(fields=["status", "-placed_at", "-id"], name="order_by_status"),
            models.Index(
                fields=["placed_at"],
                condition=Q(open_holds__gt=0, status__in=["pending", "confirmed"]),
                name="order_on_hold",
            ),
            models.Index(
                fields=["ship_by"],
                condition=Q(status="confirmed") & ~Q(fulfillment_status="fulfilled"),
                name="order_due",
            ),
            models.Index(fields=["updated_at"], name="order_by_update"),
            # What is rare is found by its index; what nearly every order is, by walking.
            models.Index(
                fields=["payment_status", "-placed_at", "-id"],
                condition=~Q(payment_status="paid"),
                name="order_not_paid",
            ),
            models.Index(
                fields=["fulfillment_status", "-placed_at", "-id"],
                condition=~Q(fulfillment_status="fulfilled"),
                name="order_not_fulfilled",
            ),
            models.Index(
                fields=["return_status", "-placed_at", "-id"],
                condition=~Q(return_status="none"),
                name="order_coming_back",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OrderAddress(models.Model):
    """Where an order goes, or who is billed. Personal data: it can be erased."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="addresses", db_index=False)
    kind = models.CharField(max_length=10)  # shipping, billing
    name = models.CharField(max_length=200)
    line1 = models.CharField(max_length=250)
    line2 = models.CharField(max_length=250, default="")
    city = models.CharField(max_length=120, default="")
    region = models.CharField(max_length=120, default="")
    postal_code = models.CharField(max_length=20, default="")
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=40, default="")
    email = models.CharField(max_length=254, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="order_address_once")
        ]
        indexes = [
            models.Index(fields=["email"], condition=~Q(email=""), name="order_by_email")
        ]


class OrderSearch(models.Model):
    """What an order is found by: numbers, names, e-mail, phone, SKUs. Erased with the person."""

    order = models.OneToOneField(
        Order, models.CASCADE, primary_key=True, db_constraint=False, related_name="search"
    )
    placed_at = models.DateTimeField()
    words = SearchVectorField()

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="order_search_words"),
            models.Index(fields=["-placed_at", "-order"], name="order_search_newest"),
        ]


class NameWord(models.Model):
    """A word of customers' names in Latin letters: what a mistyped one is corrected to.

    Learnt in the background (`orders.tasks.learn_names`). The row "" is the bookmark: the last
    customer that was read.
    """

    word = models.CharField(max_length=60, primary_key=True)
    customer_id = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="name_word_alike")
        ]

    def __str__(self) -> str:
        return self.word


class OrderLine(models.Model):
    """One SKU of an order: what was ordered, what it costs, and where each unit has got to."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    sku = models.ForeignKey("inventory.Sku", models.PROTECT, db_constraint=False)
    sku_code = models.CharField(max_length=60)  # as sold
    name = models.CharField(max_length=250)
    is_service = models.BooleanField(default=False)
    quantity_ordered = models.PositiveIntegerField()
    quantity_cancelled = models.PositiveIntegerField(default=0)
    quantity_reserved = models.PositiveIntegerField(default=0)
    quantity_backordered = models.PositiveIntegerField(default=0)
    quantity_shipped = models.PositiveIntegerField(default=0)
    quantity_delivered = models.PositiveIntegerField(default=0)
    quantity_returned = models.PositiveIntegerField(default=0)
    quantity_refunded = models.PositiveIntegerField(default=0)
    unit_price = models.DecimalField(
        **AMOUNT
    )  # as listed, with tax if the order's prices have it
    subtotal = models.DecimalField(**AMOUNT)  # net
    discount = models.DecimalField(default=0, **AMOUNT)  # net
    tax_rate = models.DecimalField(max_digits=7, decimal_places=5, default=0)
    tax = models.DecimalField(**AMOUNT)
    total = models.DecimalField(**AMOUNT)  # what the customer pays for it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"], name="order_line_position_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity_ordered__gt=0), name="line_orders_something"
            ),
            models.CheckConstraint(
                condition=Q(
                    quantity_ordered__gte=F("quantity_cancelled")
                    + F("quantity_reserved")
                    + F("quantity_backordered")
                    + F("quantity_shipped")
                ),
                name="line_units_are_in_one_place",
            ),
            models.CheckConstraint(
                condition=Q(quantity_delivered__lte=F("quantity_shipped")),
                name="line_delivers_what_was_shipped",
            ),
            models.CheckConstraint(
                condition=Q(quantity_returned__lte=F("quantity_shipped")),
                name="line_returns_what_was_shipped",
            ),
            models.CheckConstraint(
                condition=Q(quantity_refunded__lte=F("quantity_ordered")),
                name="line_refunds_what_was_ordered",
            ),
            models.CheckConstraint(
                condition=Q(total=F("subtotal") - F("discount") + F("tax")),
                name="line_total_adds_up",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sku"], condition=Q(quantity_backordered__gt=0), name="line_waiting"
            )
        ]


class OrderLinePart(models.Model):
    """What one unit of a bundle was made of when it was sold. A line of one SKU alone has none."""

    order_line = models.ForeignKey(OrderLine, models.CASCADE, related_name="parts")
    sku = models.ForeignKey("inventory.Sku", models.PROTECT, related_name="+", **LASTING)
    quantity = models.PositiveIntegerField()  # units in one bundle

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_line", "sku"], name="line_part_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="line_part_some"),
        ]


class Hold(models.Model):
    """Why an order does not move on. Several may be open at once; it keeps its place."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="holds")
    kind = models.CharField(max_length=20, choices=HoldKind)
    reason = models.CharField(max_length=200)  # a code, or a person's words
    params = models.JSONField(default=dict)
    by = models.ForeignKey("erp.Actor", models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey("erp.Actor", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="hold_released_by_somebody",
            )
        ]


class OrderEvent(models.Model):
    """One step of an order's life: its timeline. Append-only; ids and codes, never names."""

    order = models.ForeignKey(Order, models.PROTECT, db_index=False)
    kind = models.CharField(max_length=40)  # "placed", "payment.captured", "shipment.shipped"
    data = models.JSONField(default=dict)
    by = models.ForeignKey("erp.Actor", models.PROTECT, **LASTING)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["order", "id"], name="order_event_timeline")]


class Decision(models.Model):
    """One automatic judgement on an order, with everything that led to it. Append-only."""

    order = models.ForeignKey(Order, models.PROTECT, db_index=False)
    kind = models.CharField(max_length=20)  # pricing, review, routing, promise
    engine = models.CharField(max_length=20)  # name and version of the rules that decided
    inputs = models.JSONField()
    candidates = models.JSONField(default=list)  # what was considered, with scores
    outcome = models.JSONField()
    reasons = models.JSONField()  # [{code, params}]
    counterfactual = models.JSONField(null=True)  # the nearest thing that would have changed it
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["order", "id"], name="decision_by_order")]


class Payment(models.Model):
    """One tender of an order, with the sums of its events."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=12)
    reference = models.CharField(max_length=200, default="")
    currency = models.CharField(max_length=3)
    authorised = models.DecimalField(default=0, **AMOUNT)
    captured = models.DecimalField(default=0, **AMOUNT)
    refunded = models.DecimalField(default=0, **AMOUNT)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded__gte=0)
                & Q(refunded__lte=F("captured"))
                & Q(captured__lte=F("authorised")),
                name="payment_refunded_captured_authorised",
            )
        ]


class PaymentEvent(models.Model):
    """Money authorised, captured, voided, refunded. Append-only, once per reference."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="events")
    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    kind = models.CharField(max_length=12)  # authorise, capture, void, refund, chargeback
    reference = models.CharField(max_length=200)
    amount = models.DecimalField(**AMOUNT)
    by = models.ForeignKey("erp.Actor", models.PROTECT, **LASTING)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "kind", "reference"], name="payment_event_once_per_reference"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="payment_event_of_something"
            ),
        ]


class AccountEntry(models.Model):
    """An amount posted to a customer's account outside any order: a bad debt, a bank charge."""

    channel = models.ForeignKey("erp.Channel", models.PROTECT)
    external_id = models.CharField(max_length=100)
    line = models.PositiveIntegerField(default=1)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True)
    sku_code = models.CharField(max_length=60)
    description = models.CharField(max_length=250, default="")
    quantity = models.IntegerField()
    unit_amount = models.DecimalField(**AMOUNT)  # signed
    currency = models.CharField(max_length=3)
    country = models.CharField(max_length=60, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id", "line"], name="account_entry_once"
            )
        ]


class ImportedRow(models.Model):
    """That a row of a file has been taken in: what makes importing it again change nothing."""

    pk = models.CompositePrimaryKey("channel_id", "key")
    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    key = models.BinaryField(max_length=16)  # hash of document, content, and which repeat it is
