"""Declares the statuses of a purchase order."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


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
