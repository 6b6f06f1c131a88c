"""Declares the statuses of a return and its dispositions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


class ReturnAuthorizationStatus(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    APPROVED = "approved", _("Approved")  # waits for the goods
    DECLINED = "declined", _("Declined")
    PART_RECEIVED = "part_received", _("Partly received")
    RECEIVED = "received", _("To inspect")
    INSPECTED = "inspected", _("Inspected")
    CLOSED = "closed", _("Closed")
    CANCELLED = "cancelled", _("Cancelled")


class Disposition(models.TextChoices):
    RESTOCK = "restock", _("Restock")
    QUARANTINE = "quarantine", _("Quarantine")
    SCRAP = "scrap", _("Scrap")
    KEEP = "keep", _("Customer keeps it")


class ReturnReason(models.TextChoices):
    DAMAGED = "damaged", _("Damaged")
    WRONG_ITEM = "wrong_item", _("Wrong item")
    NOT_AS_DESCRIBED = "not_as_described", _("Not as described")
    TOO_LATE = "too_late", _("Arrived too late")
    CHANGED_MIND = "changed_mind", _("Changed my mind")
    OTHER = "other", _("Other")


R = ReturnAuthorizationStatus


RETURN = StateMachine(
    noun="returns",
    initial=R.REQUESTED,
    transitions={
        "approve": ({R.REQUESTED}, R.APPROVED),
        "decline": ({R.REQUESTED}, R.DECLINED),
        "receive": ({R.APPROVED, R.PART_RECEIVED}, None),
        "inspect": ({R.PART_RECEIVED, R.RECEIVED}, None),
        "cancel": ({R.REQUESTED, R.APPROVED}, R.CANCELLED),
        "close": ({R.INSPECTED, R.PART_RECEIVED}, R.CLOSED),
        # Derived from what was received and inspected of each line:
        "receive_part": ({R.APPROVED, R.PART_RECEIVED}, R.PART_RECEIVED),
        "receive_all": ({R.APPROVED, R.PART_RECEIVED}, R.RECEIVED),
        "inspect_all": ({R.PART_RECEIVED, R.RECEIVED}, R.INSPECTED),
    },
)
