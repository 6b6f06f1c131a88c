"""Stores orders, their lines and holds."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.access.models import LASTING
from erp.approvals.models import Proposal, approved_before, four_eyes
from erp.currencies import CurrencyField
from erp.money import AMOUNT
from orders.customers.models import Customer, Proof
from orders.order.states import (
    ENDED_UNSERVED,
    HAVE_MONEY,
    Flag,
    FulfillmentStatus,
    HoldKind,
    OrderStatus,
    PaymentStatus,
    ReturnStatus,
)


class Order(models.Model):
    """One order. Quantities and money on lines and ledgers are the truth; axes are derived."""

    number = models.CharField(max_length=20, unique=True)  # a counter and a check digit
    channel = models.ForeignKey("erp.Channel", models.PROTECT, **LASTING)
    external_id = models.CharField(max_length=100)
    type = models.CharField(max_length=20, db_default="web")  # see orders/policies/order_types.py
    request_hash = models.CharField(max_length=64, default="")
    customer = models.ForeignKey(Customer, models.PROTECT, db_index=False)
    # How it is proven that its customer ordered it; "": it only states a contact of theirs, as anybody may
    customer_proof = models.CharField(
        _("Customer verified by"), max_length=10, choices=Proof, default="", db_default=""
    )
    currency = CurrencyField()  # ISO 4217
    language = models.CharField(max_length=10, default="en")  # the customer's
    status = models.CharField(max_length=10, choices=OrderStatus)
    payment_status = models.CharField(max_length=15, choices=PaymentStatus)
    fulfillment_status = models.CharField(max_length=15, choices=FulfillmentStatus)
    return_status = models.CharField(max_length=15, choices=ReturnStatus, default="none")
    open_holds = models.PositiveSmallIntegerField(default=0)
    priority = models.SmallIntegerField(db_default=0)  # when goods are short
    version = models.PositiveIntegerField(default=1)  # counts edits of the order's own content
    payment_method = models.CharField(max_length=12)  # prepaid, cod, on_account, unpaid
    shipping_service = models.CharField(max_length=50)
    carrier = models.CharField(max_length=40, db_default="")  # "": that of its service
    carrier_by_hand = models.BooleanField(db_default=False)  # a person or a rule named it
    prices_include_tax = models.BooleanField()
    subtotal = models.DecimalField(**AMOUNT)  # net of tax, as are discount and shipping
    discount = models.DecimalField(**AMOUNT)
    shipping = models.DecimalField(**AMOUNT)
    shipping_tax = models.DecimalField(default=0, **AMOUNT)
    tax = models.DecimalField(**AMOUNT)  # of lines and shipping
    total = models.DecimalField(**AMOUNT)  # what the customer pays
    # What one unit of `currency` was worth in the company's when it was placed; null: nobody knew
    book_currency = CurrencyField(db_default="")
    book_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    # What has a name here stands among the order's details; see orders/order/details.py.
    # A deposit is paid; the rest is due by then
    balance_due_at = models.DateTimeField(_("Balance due by"), null=True)
    # Pre-sale: it leaves on this day, not earlier
    ship_not_before = models.DateField(_("Ship not before"), null=True)
    ship_by = models.DateTimeField(null=True)
    deliver_from = models.DateField(null=True)
    deliver_by = models.DateField(null=True)
    note = models.TextField(default="")
    remark = models.TextField(db_default="")  # staff's; channels that have one hear of it
    print_remark = models.TextField(db_default="")  # is printed for whoever packs it
    flag = models.CharField(max_length=10, db_default="", choices=Flag)
    tags = ArrayField(models.CharField(max_length=40), db_default=[])
    metadata = models.JSONField(default=dict)
    is_sealed = models.BooleanField(db_default=False)  # never merged, never split
    is_history = models.BooleanField(default=False)  # imported: moves no stock, tells nobody
    country = models.CharField(max_length=60, default="")  # shipped to, as the source wrote it
    placed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)  # the last parcel left
    delivered_at = models.DateTimeField(null=True)
    links_withdrawn = models.PositiveSmallIntegerField(db_default=0)  # how often; see links.py
    ended_at = models.DateTimeField(null=True)  # completed, cancelled, rejected, expired
    reminded_at = models.DateTimeField(null=True)  # its customer was, that it is not paid yet
    updated_at = models.DateTimeField()

    # What lists add to a row before they show it.
    shown_type: str

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
            models.CheckConstraint(
                condition=Q(book_rate=None) | Q(book_rate__gt=0),
                name="order_book_rate_positive",
            ),
            models.CheckConstraint(
                condition=Q(flag__in=["", *Flag.values]), name="order_flag_known"
            ),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["channel", "-placed_at", "-id"], name="order_newest_of_channel"),
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
            models.Index(fields=["ship_by", "id"], name="order_by_promise"),
            models.Index(fields=["updated_at"], name="order_by_update"),
            models.Index(fields=["customer", "-placed_at"], name="order_of_customer"),
            models.Index(
                fields=["placed_at"],
                condition=Q(status="pending", payment_status="unpaid"),
                name="order_unpaid",
            ),
            GinIndex(
                fields=["metadata"],
                opclasses=["jsonb_path_ops"],
                condition=~Q(metadata={}),
                fastupdate=False,
                name="order_by_own_fields",
            ),
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
            models.Index(
                fields=["flag", "-placed_at", "-id"],
                condition=~Q(flag=""),
                name="order_flagged",
            ),
            # Of tagged orders only: an empty array costs a GIN index an entry as well.
            GinIndex(fields=["tags"], name="order_tagged", fastupdate=False, condition=~Q(tags=[])),
            models.Index(
                fields=["type", "-placed_at", "-id"],
                condition=~Q(type="web"),
                name="order_of_type",
            ),
            models.Index(
                fields=["-placed_at", "-id"],
                condition=Q(
                    status__in=ENDED_UNSERVED, payment_status__in=HAVE_MONEY, is_history=False
                ),
                name="order_keeping_money",
            ),
            models.Index(
                fields=["balance_due_at"],
                condition=Q(status="pending", payment_status="part_paid"),
                name="order_balance_due",
            ),
            models.Index(
                fields=["currency", "placed_at"],
                condition=Q(book_rate=None, is_history=False),
                name="order_without_rate",
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
    postal_code = models.CharField(max_length=20, default="")  # as its country writes it
    postal_code_typed = models.CharField(max_length=60, default="", db_default="")  # in an edit
    country = models.CharField(max_length=2)
    phone = models.CharField(max_length=40, default="")
    email = models.CharField(max_length=254, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "kind"], name="order_address_once")]
        indexes = [models.Index(fields=["email"], condition=~Q(email=""), name="order_by_email")]


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


class OrderLine(models.Model):
    """One SKU of an order: what was ordered, what it costs, and where each unit has got to."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    position = models.PositiveIntegerField()
    # None: the channel calls it something that nobody has mapped yet; it can neither be reserved nor shipped
    sku = models.ForeignKey("inventory.Sku", models.PROTECT, null=True, db_constraint=False)
    sku_code = models.CharField(max_length=60)  # as sold; the channel's until it is mapped
    key = models.CharField(max_length=60, db_default="")  # the channel's id of the line
    listing = models.CharField(max_length=60, db_default="")  # the channel's id of what was sold
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
    unit_price = models.DecimalField(**AMOUNT)  # as listed, with tax if the order's prices have it
    subtotal = models.DecimalField(**AMOUNT)  # net
    discount = models.DecimalField(default=0, **AMOUNT)  # net
    tax_rate = models.DecimalField(max_digits=7, decimal_places=5, default=0)
    tax = models.DecimalField(**AMOUNT)
    total = models.DecimalField(**AMOUNT)  # what the customer pays for its open units

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
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
                condition=Q(sku__isnull=False)
                | Q(quantity_reserved=0, quantity_backordered=0, quantity_shipped=0),
                name="line_without_sku_stays",
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
            ),
            models.Index(fields=["sku_code"], condition=Q(sku__isnull=True), name="line_unmapped"),
        ]

    @property
    def quantity_open(self) -> int:
        """Units that are neither cancelled nor ever were. The line's money is theirs, once the order is placed."""
        return self.quantity_ordered - self.quantity_cancelled

    @property
    def quantity_told(self) -> int:
        """Units as a customer is told them: the open ones; of a line that is cancelled whole those that it had."""
        return self.quantity_open or self.quantity_ordered

    @property
    def quantity_unshipped(self) -> int:
        """Open units that have not left."""
        return self.quantity_open - self.quantity_shipped

    def take_off(self, units: int) -> None:
        """Want fewer units: so many less were ordered. Those whose price went back were, and are cancelled."""
        kept = max(self.quantity_ordered - units, self.quantity_refunded)
        self.quantity_cancelled += kept - (self.quantity_ordered - units)
        self.quantity_ordered = kept


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


class Hold(Proposal):
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

    # What lists add to a row before they show it.
    shown_claimant: str

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="hold_released_by_somebody",
            ),
            four_eyes("hold_four_eyes"),
            approved_before("hold_approved_before_it_is_released", Q(released_at__isnull=False)),
        ]
        indexes = [
            models.Index(
                fields=["until"],
                condition=Q(released_at=None, until__isnull=False),
                name="hold_that_ends",
            ),
            models.Index(
                fields=["opened_at", "id"], condition=Q(released_at=None), name="hold_open"
            ),
            models.Index(
                fields=["kind", "opened_at", "id"],
                condition=Q(released_at=None),
                name="hold_open_by_kind",
            ),
            models.Index(
                fields=["released_at"],
                condition=Q(released_at__isnull=False),
                name="hold_released",
            ),
        ]
