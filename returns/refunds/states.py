"""Declares the statuses of a refund."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


class RefundStatus(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    SUBMITTED = "submitted", _("Submitted")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    REJECTED = "rejected", _("Rejected")


P = RefundStatus


REFUND = StateMachine(
    noun="refunds",
    initial=P.PROPOSED,
    transitions={
        "approve": ({P.PROPOSED}, P.APPROVED),
        "reject": ({P.PROPOSED, P.APPROVED}, P.REJECTED),
        "submit": ({P.APPROVED, P.FAILED}, P.SUBMITTED),
        "complete": ({P.APPROVED, P.SUBMITTED}, P.COMPLETED),
        "fail": ({P.SUBMITTED}, P.FAILED),
    },
)


# Not yet completed and not rejected: money on its way back.
UNDERWAY = (P.PROPOSED, P.APPROVED, P.SUBMITTED, P.FAILED)


# Approved, at least: whoever had to say so has.
SETTLED = (P.APPROVED, P.SUBMITTED, P.FAILED, P.COMPLETED)


# Of ours, those that a channel may carry out: one that was submitted, a payment provider of ours pays.
WAITING = (P.PROPOSED, P.APPROVED)


CHANNEL_REFUND = "channel"  # why money went back that the channel gave
CANCELLED = "cancelled"  # an order ended unserved
CHANGED = "changed"  # an order became less
# Reasons of refunds for nothing but what an order's total no longer has.
TAKEN_OFF = (CANCELLED, CHANGED)
# Reasons that say what we have found out ourselves: nobody gives them.
RESERVED = (*TAKEN_OFF, CHANNEL_REFUND)
