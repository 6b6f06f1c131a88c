"""Defines the invariants of the stock ledger, its levels and its reservations."""

from erp.approvals.laws import four_eyes_law
from erp.audit.laws import Law, codes_exist
from erp.countries import COUNTRIES
from erp.visible import ALTERED

LAWS = (
    four_eyes_law(
        "stock_changes_have_four_eyes",
        "A stock document above the limit was approved by another person than wrote it.",
        "inventory_stockdocument",
        "x.status = 'posted'",
    ),
    four_eyes_law(
        "counts_have_four_eyes",
        "A count whose differences are above the limit was approved by another person than finished it.",
        "inventory_stockcount",
        "x.status = 'posted'",
    ),
    Law(
        "what_is_lost_or_found_says_why",
        "What went to LOST or came from it was counted, lost by a transfer or a return, or is in a posted document.",
        """
        SELECT m.id AS movement, m.cause_type, m.cause_id FROM inventory_stockmovement m
        JOIN inventory_place p ON p.id IN (m.from_place_id, m.to_place_id) AND p.kind = 'lost'
        WHERE m.cause_type NOT IN ('count', 'transfer', 'return') AND NOT EXISTS (
            SELECT FROM inventory_stockdocument d
            WHERE d.id::text = m.cause_id AND d.kind = m.cause_type AND d.status = 'posted')
        """,
    ),
    codes_exist(
        "warehouse_countries_exist",
        "The country of every warehouse is one that there is.",
        {"inventory_warehouse": "country"},
        COUNTRIES,
    ),
    Law(
        "warehouse_time_zones_exist",
        "The time zone of every warehouse is one that there is.",
        "SELECT w.code, w.time_zone FROM inventory_warehouse w"
        " WHERE w.time_zone NOT IN (SELECT name FROM pg_timezone_names)",
    ),
    Law(
        "movements_sum_to_on_hand",
        "On hand of every SKU and warehouse is the sum of its movements into and out of bins.",
        """
        SELECT coalesce(l.sku_id, m.sku_id) AS sku, coalesce(l.warehouse_id, m.warehouse_id) AS warehouse,
               coalesce(l.on_hand, 0) AS on_hand, coalesce(m.total, 0) AS movements
        FROM (SELECT sku_id, warehouse_id, sum(on_hand) AS on_hand
              FROM inventory_stocklevel GROUP BY 1, 2) l FULL JOIN (
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
        "movements_sum_to_bins",
        "Every bin holds of every SKU and lot the sum of what moved into and out of it.",
        """
        SELECT coalesce(b.sku_id, m.sku_id) AS sku, coalesce(b.place_id, m.place_id) AS place,
               coalesce(b.lot_id, m.lot_id) AS lot, coalesce(b.on_hand, 0) AS on_hand, coalesce(m.total, 0) AS movements
        FROM inventory_binlevel b FULL JOIN (
            SELECT sku_id, place_id, lot_id, sum(delta) AS total FROM (
                SELECT sku_id, to_place_id AS place_id, coalesce(lot_id, 0) AS lot_id, quantity AS delta
                FROM inventory_stockmovement
                UNION ALL
                SELECT sku_id, from_place_id, coalesce(lot_id, 0), -quantity FROM inventory_stockmovement) ends
            WHERE place_id IN (SELECT id FROM inventory_place WHERE warehouse_id IS NOT NULL)
            GROUP BY 1, 2, 3) m ON m.sku_id = b.sku_id AND m.place_id = b.place_id AND m.lot_id = b.lot_id
        WHERE coalesce(b.on_hand, 0) <> coalesce(m.total, 0)
        """,
    ),
    Law(
        "bins_sum_to_on_hand",
        "On hand of every SKU and warehouse is what its bins hold.",
        """
        SELECT coalesce(l.sku_id, b.sku_id) AS sku, coalesce(l.warehouse_id, b.warehouse_id) AS warehouse,
               coalesce(l.on_hand, 0) AS on_hand, coalesce(b.total, 0) AS bins
        FROM (SELECT sku_id, warehouse_id, sum(on_hand) AS on_hand
              FROM inventory_stocklevel GROUP BY 1, 2) l FULL JOIN (
            SELECT b.sku_id, p.warehouse_id, sum(b.on_hand) AS total FROM inventory_binlevel b
            JOIN inventory_place p ON p.id = b.place_id WHERE p.kind = 'bin' GROUP BY 1, 2
        ) b ON b.sku_id = l.sku_id AND b.warehouse_id = l.warehouse_id
        WHERE coalesce(l.on_hand, 0) <> coalesce(b.total, 0)
        """,
    ),
    Law(
        "reservations_sum_to_reserved",
        "Reserved of every SKU, warehouse and part is the sum of its open reservations.",
        """
        SELECT coalesce(l.sku_id, r.sku_id) AS sku, coalesce(l.warehouse_id, r.warehouse_id) AS warehouse,
               coalesce(l.part, r.part) AS part,
               coalesce(l.reserved, 0) AS reserved, coalesce(r.total, 0) AS reservations
        FROM inventory_stocklevel l FULL JOIN (
            SELECT sku_id, warehouse_id, part, sum(quantity) AS total FROM inventory_reservation
            WHERE status IN ('held', 'committed') GROUP BY 1, 2, 3
        ) r ON r.sku_id = l.sku_id AND r.warehouse_id = l.warehouse_id AND r.part = l.part
        WHERE coalesce(l.reserved, 0) <> coalesce(r.total, 0)
        """,
    ),
    Law(
        "costs_sum_to_value",
        "A SKU's value is the sum of its cost entries, and its quantity what lies inside.",
        """
        SELECT coalesce(k.sku_id, e.sku_id, b.sku_id) AS sku, k.quantity, k.value,
               e.quantity AS entries, e.value AS entered,
               b.units AS inside
        FROM inventory_skucost k
        FULL JOIN (SELECT sku_id, sum(quantity) AS quantity, sum(value) AS value FROM inventory_costentry GROUP BY 1) e
             ON e.sku_id = k.sku_id
        FULL JOIN (SELECT sku_id, sum(on_hand) AS units FROM inventory_binlevel GROUP BY 1) b
             ON b.sku_id = coalesce(k.sku_id, e.sku_id)
        WHERE coalesce(k.quantity, 0) <> coalesce(e.quantity, 0) OR coalesce(k.value, 0) <> coalesce(e.value, 0)
           OR coalesce(k.quantity, 0) <> coalesce(b.units, 0)
        """,
    ),
    Law(
        "crossings_are_valued_once",
        "Every movement into or out of the company has one cost entry.",
        """
        SELECT m.id AS movement, count(e.id) AS entries FROM inventory_stockmovement m
        JOIN inventory_place f ON f.id = m.from_place_id JOIN inventory_place t ON t.id = m.to_place_id
        LEFT JOIN inventory_costentry e ON e.movement_id = m.id
        GROUP BY m.id, f.warehouse_id, t.warehouse_id
        HAVING count(e.id) <> CASE WHEN (f.warehouse_id IS NULL) <> (t.warehouse_id IS NULL) THEN 1 ELSE 0 END
        """,
    ),
    Law(
        "serials_are_where_their_units_are",
        "Of a SKU tracked by serial number, every bin holds as many pieces as units.",
        """
        SELECT coalesce(b.sku_id, u.sku_id) AS sku, coalesce(b.place_id, u.place_id) AS place,
               coalesce(b.units, 0) AS units, coalesce(u.pieces, 0) AS pieces
        FROM (SELECT b.sku_id, b.place_id, sum(b.on_hand) AS units FROM inventory_binlevel b
              JOIN inventory_sku s ON s.id = b.sku_id WHERE s.tracking = 'serial' GROUP BY 1, 2) b
        FULL JOIN (SELECT u.sku_id, u.place_id, count(*) AS pieces FROM inventory_serialunit u
                   JOIN inventory_place p ON p.id = u.place_id WHERE p.warehouse_id IS NOT NULL GROUP BY 1, 2) u
             ON u.sku_id = b.sku_id AND u.place_id = b.place_id
        WHERE coalesce(b.units, 0) <> coalesce(u.pieces, 0)
        """,
    ),
    Law(
        "serials_and_lots_can_be_read",
        "A serial number and a lot's code are as they are seen: a mark of no width would make another of them.",
        f"""
        SELECT * FROM (SELECT 'serial' AS of, id, sku_id, code FROM inventory_serialunit
            UNION ALL SELECT 'lot', id, sku_id, code FROM inventory_lot) said
        WHERE code ~ '[{ALTERED}]' OR code <> btrim(code) OR code = ''
        """,
    ),
    Law(
        "levels_are_legal",
        "No level is negative, and nothing is reserved that is not on hand.",
        "SELECT sku_id, warehouse_id, on_hand, reserved, incoming FROM inventory_stocklevel"
        " WHERE on_hand < 0 OR reserved < 0 OR incoming < 0 OR reserved > on_hand"
        " UNION ALL SELECT sku_id, place_id, on_hand, 0, 0 FROM inventory_binlevel WHERE on_hand < 0",
    ),
    Law(
        "services_are_not_stocked",
        "A service SKU has no stock.",
        "SELECT l.sku_id FROM inventory_stocklevel l JOIN inventory_sku s ON s.id = l.sku_id"
        " WHERE s.is_service AND (l.on_hand <> 0 OR l.reserved <> 0)",
    ),
)
