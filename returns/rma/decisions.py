"""Decides the next step of a return, and the return status of its order."""

from collections.abc import Sequence
from dataclasses import dataclass

# Where goods of a disposition end, as kinds of places; None: they stay with the customer.
DESTINATIONS = {"restock": "bin", "quarantine": "quarantine", "scrap": "lost", "keep": None}


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of a return: units announced, received, inspected."""

    quantity: int
    received: int
    inspected: int


def return_step(lines: Sequence[Progress]) -> str | None:
    """The derived step a return takes after a receipt or an inspection; None to stay."""
    if all(line.inspected == line.quantity for line in lines):
        return "inspect_all"
    if all(line.received == line.quantity for line in lines):
        return "receive_all"
    if any(line.received for line in lines):
        return "receive_part"
    return None


def return_axis(statuses: Sequence[str], units_returned: int) -> str:
    """The return axis of an order, from the states of its returns."""
    live = [s for s in statuses if s not in {"declined", "cancelled", "closed"}]
    if not live:
        return "returned" if units_returned else "none"
    if all(status == "requested" for status in live):
        return "requested"
    if all(status == "inspected" for status in live) and units_returned:
        return "returned"
    return "in_progress"
