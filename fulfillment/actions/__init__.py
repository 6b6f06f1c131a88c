"""Every write to goods that leave, by verb."""

from fulfillment.actions.packing import pack_parcel, pick_order
from fulfillment.actions.planning import (
    cancel_open_work,
    cut_short_work,
    plan_order,
    release_planned,
)
from fulfillment.actions.shipping import ship_order, ship_parcel
from fulfillment.actions.tracking import record_tracking

__all__ = [
    "cancel_open_work",
    "cut_short_work",
    "pack_parcel",
    "pick_order",
    "plan_order",
    "record_tracking",
    "release_planned",
    "ship_order",
    "ship_parcel",
]
