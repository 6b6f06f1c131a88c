"""Names the tracking statuses of a parcel."""

# What a carrier may report, and the order in which states of the same instant count.
TRACKING_STATES = {
    "in_transit": 1,
    "out_for_delivery": 2,
    "ready_for_pickup": 3,
    "delivery_failed": 4,
    "return_to_sender": 5,
    "delivered": 6,
}
