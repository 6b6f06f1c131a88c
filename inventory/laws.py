"""The laws of stock."""

from erp.audit.laws import Law

LAWS = (
    Law(
        "movements_sum_to_on_hand",
        "On hand of every SKU and warehouse is the sum of its movements into and out of bins.",
        """
        SELECT coalesce(l.sku_id, m.sku_id) AS sku, coalesce(l.warehouse_id, m.warehouse_id) AS warehouse,
               coalesce(l.on_hand, 0) AS on_hand, coalesce(m.total, 0) AS movements
        FROM inventory_stocklevel l FULL JOIN (
            SELECT sku_id, warehouse_id, sum(delta) AS total FROM (
                SELECT m.sku_id, p.warehouse_id, m.quantity AS delta FROM inventory_stockmovement m
                JOIN inventory_place p ON p.id = m.to_place_id WHERE p.kind = 'bin'
                UNION ALL
                SELECT m.sku_id, p.warehouse_id, -m.quantity FROM inventory_stockmovement m
                JOIN inventory_place p ON p.id = m.from_place_id WHERE p.kind = 'bin') ends
            GROUP BY 1, 2) m ON m.sku_id = l.sku_id AND m.warehouse_id = l.warehouse_id
        WHERE coalesce(l.on_hand, 0) <> coalesce(m.total, 0)
        """,
    ),
    Law(
        "reservations_sum_to_reserved",
        "Reserved of every SKU and warehouse is the sum of its open reservations.",
        """
        SELECT coalesce(l.sku_id, r.sku_id) AS sku, coalesce(l.warehouse_id, r.warehouse_id) AS warehouse,
               coalesce(l.reserved, 0) AS reserved, coalesce(r.total, 0) AS reservations
        FROM inventory_stocklevel l FULL JOIN (
            SELECT sku_id, warehouse_id, sum(quantity) AS total FROM inventory_reservation
            WHERE status IN ('held', 'committed') GROUP BY 1, 2
        ) r ON r.sku_id = l.sku_id AND r.warehouse_id = l.warehouse_id
        WHERE coalesce(l.reserved, 0) <> coalesce(r.total, 0)
        """,
    ),
    Law(
        "levels_are_legal",
        "No level is negative, and nothing is reserved that is not on hand.",
        "SELECT sku_id, warehouse_id, on_hand, reserved, incoming FROM inventory_stocklevel"
        " WHERE on_hand < 0 OR reserved < 0 OR incoming < 0 OR reserved > on_hand",
    ),
    Law(
        "services_are_not_stocked",
        "A service SKU has no stock.",
        "SELECT l.sku_id FROM inventory_stocklevel l JOIN inventory_sku s ON s.id = l.sku_id"
        " WHERE s.is_service AND (l.on_hand <> 0 OR l.reserved <> 0)",
    ),
)
