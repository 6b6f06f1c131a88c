"""Declares the statuses of a proposal of customers' terms."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


class ProposalStatus(models.TextChoices):
    WAITING = "waiting", _("To approve")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


TERMS = StateMachine(
    noun="customers",
    initial=ProposalStatus.WAITING,
    transitions={
        "approve": ({ProposalStatus.WAITING}, ProposalStatus.APPROVED),
        "reject": ({ProposalStatus.WAITING}, ProposalStatus.REJECTED),
    },
)
