"""Declares the statuses of reservations and of stock documents."""

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
