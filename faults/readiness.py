"""Asks /readyz beside the clients, and finds where it said yes while every order was refused."""

import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from faults.journal import Operation

EVERY_S = 0.5
LATE_S = 2.0
GRACE_S = 5.0  # whoever asks each second has taken it out of turn by then
READY, REFUSED = 200, "503"


class Look(NamedTuple):
    """What /readyz was answered by, and when; 0 where nobody answered in time."""

    at: float
    status: int


class Readiness:
    """Somebody who asks over and over, as a load balancer does, until told to stop."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.looks: list[Look] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(30)

    def _ask_on(self) -> None:
        while not self._over.wait(EVERY_S):
            began = time.monotonic()
            self.looks.append(Look(began, self._status()))

    def _status(self) -> int:
        try:
            with urllib.request.urlopen(self.url, timeout=LATE_S) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (OSError, http.client.HTTPException):
            return 0


def said_ready(looks: Sequence[Look], operations: Iterable[Operation]) -> list[str]:
    """Name each time, longer than GRACE_S, in which /readyz said 200 and whoever placed an order was answered 503."""
    found = []
    for began, ended in _refused(operations):
        during = [look for look in looks if began <= look.at <= ended]
        for status, group in groupby(during, key=lambda look: look.status):
            moments = [look.at for look in group]
            if status == READY and moments[-1] - moments[0] > GRACE_S:
                found.append(
                    f"/readyz said 200 for {moments[-1] - moments[0]:.1f} s, in which every order was answered 503"
                )
    return found


def _refused(operations: Iterable[Operation]) -> Iterator[tuple[float, float]]:
    """From when to when all who placed orders were answered 503, and none was acknowledged."""
    placings = [op for op in operations if op.is_placing]
    moments = [(op.ended_at, False) for op in placings if op.happened]
    for op in placings:
        moments += [
            (at, True) for at, how in zip(op.tried_at, op.tries, strict=True) if how == REFUSED
        ]
    for is_refused, group in groupby(sorted(moments), key=lambda moment: moment[1]):
        if is_refused:
            times = [at for at, _is_refused in group]
            yield times[0], times[-1]
