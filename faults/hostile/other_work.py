"""Does what a shop does meanwhile: a small order each second, its event to its receiver, a tick that is due."""

import json
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import psycopg2

from faults.load import HOME
from faults.receivers import Receiver
from faults.world import World

EVERY_S = 1.0
TICK_S = 5.0  # how often the worker's beat is due
BEAT = "SELECT extract(epoch FROM now() - at) FROM erp_heartbeat WHERE name = 'worker'"


class Timed(Receiver):
    """A receiver that knows when it first heard of each order."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.heard_at: dict[str, float] = {}

    def take(self, call: BaseHTTPRequestHandler, message_id: str, body: bytes) -> None:
        """Note the order that a webhook is about, then answer."""
        number = json.loads(body)["data"]["order"]["number"]
        self.heard_at.setdefault(number, time.monotonic())
        super().take(call, message_id, body)


class OtherWork:
    """Goes on until it is told to stop, and remembers how late each thing was, and when that was."""

    def __init__(self, world: World, receiver: Timed) -> None:
        self.world, self.receiver = world, receiver
        self.samples: list[tuple[float, str, float]] = []  # when, what, how late
        self.placed: list[tuple[float, str]] = []  # when it was answered, and the order's number
        self.failed: list[str] = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._each_second, args=(work,), daemon=True)
            for work in (self._place, self._tick)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(40)

    def worst(self, began: float, ended: float) -> dict[str, float]:
        """How late each kind of work was at most that was due in a span of time."""
        found = {"order": 0.0, "event": 0.0, "tick": 0.0}
        for at, what, late in list(self.samples):
            if began <= at <= ended:
                found[what] = max(found[what], late)
        now = time.monotonic()
        for at, number in list(self.placed):
            if began <= at <= ended:
                heard = self.receiver.heard_at.get(number, now)
                found["event"] = max(found["event"], heard - at)
        return found

    def _each_second(self, work: Callable[[], None]) -> None:
        while not self._stop.wait(EVERY_S):
            try:
                work()
            except (OSError, ValueError, KeyError, psycopg2.Error) as error:
                self.failed.append(f"{work.__name__}: {type(error).__name__}: {error}")

    def _place(self) -> None:
        began, key = time.monotonic(), uuid.uuid4().hex
        body = {
            "external_id": key,
            "currency": "CNY",
            "customer": {"name": "Meanwhile", "email": f"{key}@example.com", "phone": ""},
            "shipping_address": HOME,
            "billing_address": None,
            "lines": [{"sku": "S01", "quantity": 1}],
            "coupon_codes": [],
            "shipping_service": "standard",
            "payment": {"method": "prepaid", "reference": f"pay_{key}"},
            "note": "",
            "metadata": {},
        }
        try:
            order = self.world.ask("POST", "orders", body, key=key)
            self.placed.append((time.monotonic(), order["number"]))
        finally:
            self.samples.append((began, "order", time.monotonic() - began))

    def _tick(self) -> None:
        ((age,),) = self.world.rows(BEAT)
        self.samples.append((time.monotonic(), "tick", max(0.0, float(age) - TICK_S)))
