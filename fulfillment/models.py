"""Gathers fulfillment's tables for Django and the apps above; each is defined in its room."""

from fulfillment.planning.models import (
    FulfillmentLine,
    FulfillmentOrder,
    Parcel,
    ParcelLine,
)
from fulfillment.tracking.models import (
    TrackingEvent,
)

__all__ = ["FulfillmentLine", "FulfillmentOrder", "Parcel", "ParcelLine", "TrackingEvent"]
