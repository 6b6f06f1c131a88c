"""Every table of fulfillment, gathered for Django and for the apps above; each lives in its room."""

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
