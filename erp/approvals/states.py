"""Declares the statuses of a limit that somebody proposes to loosen."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


class LimitStatus(models.TextChoices):
    WAITING = "waiting", _("To approve")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


LIMIT = StateMachine(
    noun="settings",
    initial=LimitStatus.WAITING,
    transitions={
        "approve": ({LimitStatus.WAITING}, LimitStatus.APPROVED),
        "reject": ({LimitStatus.WAITING}, LimitStatus.REJECTED),
    },
)
