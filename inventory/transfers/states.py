"""Declares the statuses of a transfer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


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
