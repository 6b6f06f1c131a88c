"""The life of a reservation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from erp.states import StateMachine


class ReservationStatus(models.TextChoices):
    HELD = "held", _("Held")  # for a cart; ends by itself
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
