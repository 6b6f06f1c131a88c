"""Declares the four status axes of an order; verbs move only the first."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


class OrderStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")  # being written; holds no stock
    PENDING = "pending", _("Pending")  # placed; waits for payment or a person
    CONFIRMED = "confirmed", _("Confirmed")  # promised to the customer
    COMPLETED = "completed", _("Completed")  # delivered and paid
    REJECTED = "rejected", _("Rejected")  # we will not serve it
    CANCELLED = "cancelled", _("Cancelled")  # ended before it was finished
    EXPIRED = "expired", _("Expired")  # never paid in time
    MERGED = "merged", _("Merged")  # everything of it is another order's now


class PaymentStatus(models.TextChoices):
    UNPAID = "unpaid", _("Unpaid")
    AUTHORISED = "authorised", _("Authorised")
    PART_PAID = "part_paid", _("Part paid")
    PAID = "paid", _("Paid")
    PART_REFUNDED = "part_refunded", _("Part refunded")
    REFUNDED = "refunded", _("Refunded")
    VOIDED = "voided", _("Voided")


class FulfillmentStatus(models.TextChoices):
    UNFULFILLED = "unfulfilled", _("Unfulfilled")
    IN_PROGRESS = "in_progress", _("In progress")
    PARTIAL = "partial", _("Partly shipped")
    FULFILLED = "fulfilled", _("Shipped")


class ReturnStatus(models.TextChoices):
    NONE = "none", _("No return")
    REQUESTED = "requested", _("Return requested")
    IN_PROGRESS = "in_progress", _("Return in progress")
    RETURNED = "returned", _("Returned")


class HoldKind(models.TextChoices):
    PAYMENT = "payment", _("Payment")
    ADDRESS = "address", _("Address")
    STOCK = "stock", _("Stock")
    SKU = "sku", "SKU"
    PRICE = "price", _("Price")
    DUPLICATE = "duplicate", _("Duplicate")
    CHANNEL = "channel", _("Channel")
    CUSTOMER = "customer", _("Customer")
    REVIEW = "review", _("Review")
    FRAUD = "fraud", _("Fraud")
    FINANCE = "finance", _("Finance")  # the second review
    WAIT = "wait", _("Scheduled")  # ends by itself
    OTHER = "other", _("Other")


class Flag(models.TextChoices):
    """The colours that staff mark orders with, as marketplaces have them too."""

    RED = "red", _("Red")
    YELLOW = "yellow", _("Yellow")
    GREEN = "green", _("Green")
    BLUE = "blue", _("Blue")
    PURPLE = "purple", _("Purple")


S = OrderStatus


ORDER = StateMachine(
    noun="orders",
    initial=S.DRAFT,
    transitions={
        "place": ({S.DRAFT}, S.PENDING),
        "confirm": ({S.DRAFT, S.PENDING}, S.CONFIRMED),
        "edit": ({S.PENDING, S.CONFIRMED}, None),
        "hold": ({S.PENDING, S.CONFIRMED}, None),
        "release": ({S.PENDING, S.CONFIRMED}, None),
        "pay": ({S.PENDING, S.CONFIRMED, S.COMPLETED}, None),
        "cancel": ({S.DRAFT, S.PENDING, S.CONFIRMED}, S.CANCELLED),
        "reject": ({S.DRAFT, S.PENDING}, S.REJECTED),
        "expire": ({S.DRAFT, S.PENDING}, S.EXPIRED),
        "complete": ({S.CONFIRMED}, S.COMPLETED),
        "merge": ({S.PENDING, S.CONFIRMED}, S.MERGED),
    },
)


OPEN = frozenset({S.DRAFT, S.PENDING, S.CONFIRMED})


# An order that ended unserved keeps nothing of its customer's.
ENDED_UNSERVED = (S.CANCELLED, S.REJECTED, S.EXPIRED)


# Payment statuses of orders that have money of their customers'.
HAVE_MONEY = (PaymentStatus.PAID, PaymentStatus.PART_PAID, PaymentStatus.PART_REFUNDED)
