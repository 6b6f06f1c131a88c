"""Keeps whatever leaves the house inside while effects are paused.

Work that reaches out rests (`rests_while_paused`): it leases nothing and counts no attempt, so that all of it is still
there afterwards. The few places that open a connection outward ask once more (`refuse_while_paused`), so that work
that forgets to rest reaches nobody either; `tests/architecture/test_outward.py` knows these places.
"""

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from django.db import connection
from django.utils.translation import gettext as _

from erp.effects.models import EffectsPause

BELIEVED_S = 1.0  # for how long a thread that sends believes that it may
P = ParamSpec("P")
_seen_running = {"at": float("-inf")}
_lock = threading.Lock()


class EffectsPaused(OSError):
    """Nothing leaves this installation for now."""


def effects_are_paused() -> bool:
    """Whether nothing may leave this installation; asked of the database each time."""
    return EffectsPause.objects.filter(resumed_at=None).exists()


def rests_while_paused(work: Callable[P, int]) -> Callable[P, int]:
    """Have work that reaches out do nothing while effects are paused: 0 of it was done."""

    @wraps(work)
    def resting(*given: P.args, **named: P.kwargs) -> int:
        return 0 if effects_are_paused() else work(*given, **named)

    return resting


def refuse_while_paused() -> None:
    """Raise EffectsPaused while nothing may leave; called where a connection outward is opened.

    Threads that send many things side by side hold no connection to the database: one that is opened only to ask is
    closed again, and that effects run is believed for a second.
    """
    if time.monotonic() - _seen_running["at"] < BELIEVED_S:
        return
    with _lock:
        mine = connection.connection is None
        try:
            paused = effects_are_paused()
        finally:
            if mine:
                connection.close()
    if paused:
        raise EffectsPaused(_("Nothing is sent: the effects of this installation are paused."))
    _seen_running["at"] = time.monotonic()


def ask_anew() -> None:
    """Forget what is believed; called where effects are paused."""
    _seen_running["at"] = float("-inf")
