"""Decides a parcel's status from everything its carrier reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fulfillment.tracking.states import TRACKING_STATES


@dataclass(frozen=True, slots=True)
class Report:
    """One tracking event: what a carrier says was true at an instant."""

    state: str
    at: datetime


def parcel_status(reports: Sequence[Report]) -> str:
    """The state of a parcel that has left, whatever order its events arrived in.

    The latest event counts; of several at one instant, the furthest along. Delivered is
    final, except that a parcel may still be sent back. States we do not know count as
    movement, never as delivery.
    """
    if not reports:
        return "shipped"
    ordered = sorted(reports, key=lambda r: (r.at, TRACKING_STATES.get(r.state, 0)))
    delivered = [r.at for r in ordered if r.state == "delivered"]
    if delivered:
        back = any(r.state == "return_to_sender" and r.at > delivered[0] for r in ordered)
        return "return_to_sender" if back else "delivered"
    state = ordered[-1].state
    return state if state in TRACKING_STATES else "in_transit"
