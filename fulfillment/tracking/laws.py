"""Defines the invariants of tracked parcels."""

from erp.audit.laws import Law

LAWS = (
    Law(
        "parcels_stand_where_their_log_says",
        # Of several events at one instant the furthest along counts, and of those what is said of the way out. What
        # was delivered and sent back before customers' news were kept ("told") stands as it was written then.
        "A parcel was delivered when its log says so, and not where it went back to its sender afterwards.",
        """
        SELECT p.id, p.tracking_number, p.status, p.delivered_at FROM fulfillment_parcel p
        WHERE (p.delivered_at IS NOT NULL) <> (p.status = 'delivered')
              AND NOT (p.told = '{}' AND p.status = 'return_to_sender')
           OR p.delivered_at IS NOT NULL AND NOT EXISTS (
               SELECT FROM fulfillment_trackingevent e
               WHERE e.parcel_id = p.id AND e.state = 'delivered' AND e.at = p.delivered_at)
           OR p.status = 'delivered' AND p.told <> '{}' AND EXISTS (
               SELECT FROM fulfillment_trackingevent e
               WHERE e.parcel_id = p.id AND (
                   (e.state = 'return_to_sender' OR e.leg = 'back' AND e.state <> 'unknown') AND e.at > p.delivered_at
                   OR e.state = 'return_to_sender' AND e.at = p.delivered_at AND NOT EXISTS (
                       SELECT FROM fulfillment_trackingevent d
                       WHERE d.parcel_id = p.id AND d.state = 'delivered' AND d.leg = 'out' AND d.at = e.at)))
        """,
    ),
)
