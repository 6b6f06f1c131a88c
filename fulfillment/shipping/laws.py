"""Defines the invariants of shipped goods."""

from erp.audit.laws import Law

LAWS = (
    Law(
        "shipped_units_left_the_building",
        "What a line says was shipped is what its parcels took and what the ledger posted.",
        """
        SELECT l.id, o.number, l.quantity_shipped, coalesce(p.units, 0) AS parcels, coalesce(m.units, 0) AS movements
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND NOT o.is_history
        LEFT JOIN orders_orderlinepart b ON b.order_line_id = l.id
        LEFT JOIN (SELECT pl.order_line_id, sum(pl.quantity) AS units FROM fulfillment_parcelline pl
                   JOIN fulfillment_parcel p ON p.id = pl.parcel_id WHERE p.shipped_at IS NOT NULL GROUP BY 1) p
             ON p.order_line_id = l.id
        LEFT JOIN (SELECT cause_line, sku_id, sum(quantity) AS units FROM inventory_stockmovement
                   WHERE kind = 'ship' GROUP BY 1, 2) m
             ON m.cause_line = l.id::text AND m.sku_id = coalesce(b.sku_id, l.sku_id)
        WHERE l.quantity_shipped <> coalesce(p.units, 0)
           OR l.quantity_shipped * coalesce(b.quantity, 1) <> coalesce(m.units, 0)
        """,
    ),
    Law(
        "cancelled_orders_never_shipped",
        "Nothing left after an order was cancelled.",
        """
        SELECT o.number, p.tracking_number FROM orders_order o JOIN fulfillment_parcel p ON p.order_id = o.id
        WHERE o.status = 'cancelled' AND p.shipped_at IS NOT NULL
        """,
    ),
    Law(
        "delivered_units_were_delivered",
        "What a line says was delivered is what its delivered parcels held.",
        """
        SELECT l.id, l.quantity_delivered, coalesce(p.units, 0) AS parcels
        FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id AND NOT o.is_history
        LEFT JOIN (SELECT pl.order_line_id, sum(pl.quantity) AS units FROM fulfillment_parcelline pl
                   JOIN fulfillment_parcel p ON p.id = pl.parcel_id WHERE p.delivered_at IS NOT NULL GROUP BY 1) p
             ON p.order_line_id = l.id
        WHERE l.quantity_delivered <> coalesce(p.units, 0)
        """,
    ),
)
