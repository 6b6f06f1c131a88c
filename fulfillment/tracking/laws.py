"""Defines the invariants of tracked parcels."""

from erp.audit.laws import Law

LAWS = (
    Law(
        "parcels_stand_where_their_log_says",
        "A parcel was delivered when its log says so, and not where it went back to its sender afterwards.",
        """
        SELECT p.id, p.tracking_number, p.status, p.delivered_at FROM fulfillment_parcel p
        WHERE (p.delivered_at IS NOT NULL) <> (p.status = 'delivered')
           OR p.delivered_at IS NOT NULL AND (
               NOT EXISTS (SELECT FROM fulfillment_trackingevent e
                           WHERE e.parcel_id = p.id AND e.state = 'delivered' AND e.at = p.delivered_at)
               OR EXISTS (SELECT FROM fulfillment_trackingevent e
                          WHERE e.parcel_id = p.id AND e.state = 'return_to_sender' AND e.at >= p.delivered_at))
        """,
    ),
)
