"""Declares the states of an order draft."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


class DraftStatus(models.TextChoices):
    OPEN = "open", _("To process")
    PLACED = "placed", _("Placed")
    DISMISSED = "dismissed", _("Dismissed")


OPEN = frozenset({"open"})
DRAFT = StateMachine(
    noun="orders",
    initial="open",
    transitions={
        "place": (OPEN, "placed"),
        "dismiss": (OPEN, "dismissed"),
    },
)
