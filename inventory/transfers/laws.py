"""Defines the invariants of transfers: what is under way is in transit, and what is lost was moved to LOST."""

from erp.audit.laws import Law

LAWS = (
    Law(
        "transit_holds_what_is_under_way",
        "In transit to a warehouse is, of every SKU, what its transfers have sent that has neither come nor is lost.",
        """
        SELECT coalesce(b.warehouse_id, l.warehouse_id) AS warehouse, coalesce(b.sku_id, l.sku_id) AS sku,
               coalesce(b.units, 0) AS in_transit, coalesce(l.units, 0) AS under_way
        FROM (SELECT p.warehouse_id, b.sku_id, sum(b.on_hand) AS units FROM inventory_binlevel b
              JOIN inventory_place p ON p.id = b.place_id WHERE p.kind = 'in_transit' GROUP BY 1, 2) b
        FULL JOIN (SELECT warehouse_id, sku_id, sum(quantity_shipped - quantity_received - quantity_lost) AS units
                   FROM inventory_transferline GROUP BY 1, 2) l
             ON l.warehouse_id = b.warehouse_id AND l.sku_id = b.sku_id
        WHERE coalesce(b.units, 0) <> coalesce(l.units, 0)
        """,
    ),
    Law(
        "transfers_lose_what_was_written_off",
        "What a transfer calls lost went to LOST: by the transfer, or by a write-off of it that was approved.",
        """
        SELECT t.number, l.lost, coalesce(m.units, 0) AS moved FROM inventory_transfer t
        JOIN (SELECT transfer_id, sum(quantity_lost) AS lost FROM inventory_transferline GROUP BY 1) l
             ON l.transfer_id = t.id
        LEFT JOIN (
            SELECT coalesce(d.cause_id, m.cause_id) AS of, sum(m.quantity) AS units FROM inventory_stockmovement m
            JOIN inventory_place p ON p.id = m.to_place_id AND p.kind = 'lost'
            LEFT JOIN inventory_stockdocument d
                 ON m.cause_type = 'write_off' AND d.id::text = m.cause_id AND d.cause_type = 'transfer'
            WHERE m.cause_type = 'transfer' OR d.id IS NOT NULL GROUP BY 1) m ON m.of = t.id::text
        WHERE l.lost <> coalesce(m.units, 0)
        """,
    ),
)
