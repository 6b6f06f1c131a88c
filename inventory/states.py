"""The lives of reservations, stock documents, counts, transfers and purchase orders."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


class ReservationStatus(models.TextChoices):
    HELD = "held", _("Held")  # for a cart or a channel
    COMMITTED = "committed", _("Committed")  # for an order line
    CONSUMED = "consumed", _("Consumed")  # left the building
    RELEASED = "released", _("Released")  # given back
    EXPIRED = "expired", _("Expired")  # a cart that took too long
    SHORT = "short", _("Short")  # promised, then not found


OPEN = frozenset({ReservationStatus.HELD, ReservationStatus.COMMITTED})

RESERVATION = StateMachine(
    noun="inventory",
    initial=ReservationStatus.HELD,
    transitions={
        "commit": ({ReservationStatus.HELD}, ReservationStatus.COMMITTED),
        "consume": ({ReservationStatus.COMMITTED}, ReservationStatus.CONSUMED),
        "release": (OPEN | {ReservationStatus.SHORT}, ReservationStatus.RELEASED),
        "expire": ({ReservationStatus.HELD}, ReservationStatus.EXPIRED),
        "mark_short": (OPEN, ReservationStatus.SHORT),
    },
)


class DocumentStatus(models.TextChoices):
    WAITING = "waiting", _("To approve")
    POSTED = "posted", _("Posted")
    REJECTED = "rejected", _("Rejected")


DOCUMENT = StateMachine(
    noun="inventory",
    initial=DocumentStatus.WAITING,
    transitions={
        "approve": ({DocumentStatus.WAITING}, DocumentStatus.POSTED),
        "reject": ({DocumentStatus.WAITING}, DocumentStatus.REJECTED),
    },
)


class CountStatus(models.TextChoices):
    COUNTING = "counting", _("Counting")
    SUBMITTED = "submitted", _("To approve")
    POSTED = "posted", _("Posted")
    CANCELLED = "cancelled", _("Cancelled")


COUNT = StateMachine(
    noun="inventory",
    initial=CountStatus.COUNTING,
    transitions={
        "count": ({CountStatus.COUNTING}, None),
        "submit": ({CountStatus.COUNTING}, CountStatus.SUBMITTED),
        "recount": ({CountStatus.SUBMITTED}, CountStatus.COUNTING),
        "approve": ({CountStatus.SUBMITTED}, CountStatus.POSTED),
        "cancel": ({CountStatus.COUNTING, CountStatus.SUBMITTED}, CountStatus.CANCELLED),
    },
)


class TransferStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SHIPPED = "shipped", _("In transit")
    PART_RECEIVED = "part_received", _("Part received")
    RECEIVED = "received", _("Received")
    CLOSED = "closed", _("Closed short")
    CANCELLED = "cancelled", _("Cancelled")


TRANSFER = StateMachine(
    noun="inventory",
    initial=TransferStatus.DRAFT,
    transitions={
        "ship": ({TransferStatus.DRAFT}, TransferStatus.SHIPPED),
        "receive_part": (
            {TransferStatus.SHIPPED, TransferStatus.PART_RECEIVED},
            TransferStatus.PART_RECEIVED,
        ),
        "receive": (
            {TransferStatus.SHIPPED, TransferStatus.PART_RECEIVED},
            TransferStatus.RECEIVED,
        ),
        "close": (
            {TransferStatus.SHIPPED, TransferStatus.PART_RECEIVED},
            TransferStatus.CLOSED,
        ),
        "cancel": ({TransferStatus.DRAFT}, TransferStatus.CANCELLED),
    },
)


class PurchaseStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    SENT = "sent", _("Sent")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    PART_RECEIVED = "part_received", _("Part received")
    RECEIVED = "received", _("Received")
    CLOSED = "closed", _("Closed short")
    CANCELLED = "cancelled", _("Cancelled")


UNDER_WAY = frozenset(
    {PurchaseStatus.SENT, PurchaseStatus.ACKNOWLEDGED, PurchaseStatus.PART_RECEIVED}
)

PURCHASE = StateMachine(
    noun="purchasing",
    initial=PurchaseStatus.DRAFT,
    transitions={
        "edit": ({PurchaseStatus.DRAFT}, None),
        "approve": ({PurchaseStatus.DRAFT}, PurchaseStatus.APPROVED),
        "send": ({PurchaseStatus.APPROVED}, PurchaseStatus.SENT),
        "acknowledge": ({PurchaseStatus.SENT}, PurchaseStatus.ACKNOWLEDGED),
        "reschedule": (UNDER_WAY, None),
        "receive_part": (UNDER_WAY, PurchaseStatus.PART_RECEIVED),
        "receive": (UNDER_WAY, PurchaseStatus.RECEIVED),
        "close": (UNDER_WAY, PurchaseStatus.CLOSED),
        "cancel": (
            {
                PurchaseStatus.DRAFT,
                PurchaseStatus.APPROVED,
                PurchaseStatus.SENT,
                PurchaseStatus.ACKNOWLEDGED,
            },
            PurchaseStatus.CANCELLED,
        ),
    },
)
