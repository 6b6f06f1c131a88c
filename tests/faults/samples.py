"""Histories of clients, made by hand, as their journals would tell them."""

import math
from collections.abc import Mapping
from typing import Any

from faults.journal import Operation

ORDER, CENTS = "R1", 5980


class History:
    """Operations one after another, a second each; `during` lets one begin while another still runs."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.now = 0.0

    def add(
        self,
        kind: str,
        asked: Mapping[str, Any],
        said: Mapping[str, Any] | None = None,
        *,
        outcome: str = "ok",
        lasts: float = 1.0,
        key: str = "",
    ) -> "History":
        number = len(self.operations) + 1
        ended = math.inf if outcome == "unknown" else self.now + lasts
        self.operations.append(
            Operation(
                number, kind, key or f"k{number}", asked, self.now, ended, outcome, said or {}
            )
        )
        self.now += 2.0
        return self

    def back(self, seconds: float) -> "History":
        """Let what follows begin earlier: at the same time as what came before."""
        self.now -= seconds
        return self

    def place(self, units=None, *, is_paid=True, number=ORDER, **given) -> "History":
        units = units or {"A": 2}
        said = {"number": number, "units": units, "total": CENTS, "status": "confirmed"}
        if given.get("outcome", "ok") != "ok":
            said = {}
        return self.add("place", {"units": units, "is_paid": is_paid}, said, **given)

    def bulk(self, *numbers, units=None) -> "History":
        """Orders of one call."""
        units = units or {"A": 2}
        for nth, number in enumerate(numbers):
            said = {"number": number, "units": units, "total": CENTS, "status": "confirmed"}
            self.add("bulk", {"units": units, "is_paid": True, "nth": nth}, said, lasts=2).back(2)
        self.now += 2
        return self

    def cancel(self, cancelled, shipped, units=None, **given) -> "History":
        said = {"cancelled": cancelled, "shipped": shipped}
        if given.get("outcome", "ok") != "ok":
            said = {}
        return self.add("cancel", {"order": ORDER, "units": units}, said, **given)

    def ship(self, units, asked=None, **given) -> "History":
        said = {"units": units, "shipments": [f"shp_{len(self.operations)}"]}
        if given.get("outcome", "ok") != "ok":
            said = {}
        return self.add("ship", {"order": ORDER, "units": asked}, said, **given)

    def read(self, cancelled, shipped, status="confirmed", **given) -> "History":
        said = {"cancelled": cancelled, "shipped": shipped, "status": status}
        return self.add("read", {"order": ORDER}, said, **given)

    def pay(self, cents=CENTS, **given) -> "History":
        return self.add("pay", {"order": ORDER, "cents": cents}, **given)

    def refund(self, cents, **given) -> "History":
        """Proposed, approved and paid out; `given` is of the last of them."""
        number = f"F{len(self.operations)}"
        self.propose(number, cents).approve(number, cents)
        return self.complete(number, cents, **given)

    def announce(self, units, **given) -> "History":
        return self.add("return", {"order": ORDER, "units": units}, **given)

    def propose(self, number, cents, **given) -> "History":
        said = {"refund": number, "refund_status": "proposed"}
        return self.add("propose", {"order": ORDER, "cents": cents}, said, **given)

    def approve(self, number, cents, **given) -> "History":
        return self.add("approve", {"order": ORDER, "cents": cents, "refund": number}, **given)

    def complete(self, number, cents, **given) -> "History":
        return self.add("complete", {"order": ORDER, "cents": cents, "refund": number}, **given)

    def adjust(self, units, **given) -> "History":
        return self.add("adjust", {"units": units}, **given)

    def receive(self, units, **given) -> "History":
        return self.add("receive", {"units": units}, **given)

    def levels(self, on_hand, reserved, **given) -> "History":
        return self.add("levels", {}, {"levels": {"A": [on_hand, reserved]}}, **given)
