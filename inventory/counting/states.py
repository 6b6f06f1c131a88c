"""Declares the statuses of a stock count."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


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
