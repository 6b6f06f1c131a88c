"""Defines the invariants of orders, their lines, holds and money."""

from erp.approvals.laws import four_eyes_law
from erp.audit.laws import Law
from orders.policies.order_types import BUILT_IN

LAWS = (
    four_eyes_law(
        "gifts_have_four_eyes",
        "Goods given away above the limit were released by another person than gave them away.",
        "orders_hold",
        "x.released_at IS NOT NULL",
    ),
    four_eyes_law(
        "terms_have_four_eyes",
        "A customer's terms above the limit were approved by another person than proposed them.",
        "orders_termsproposal",
        "x.status = 'approved'",
    ),
    Law(
        "order_totals_add_up",
        "An order's total is its lines plus shipping, to the minor unit; its parts sum likewise.",
        """
        SELECT o.number, o.total, l.total AS lines, o.shipping, o.shipping_tax, o.tax, l.tax AS line_tax
        FROM orders_order o LEFT JOIN LATERAL (
            SELECT coalesce(sum(total), 0) AS total, coalesce(sum(tax), 0) AS tax,
                   coalesce(sum(subtotal), 0) AS subtotal, coalesce(sum(discount), 0) AS discount
            FROM orders_orderline WHERE order_id = o.id) l ON true
        WHERE o.total <> l.total + o.shipping + o.shipping_tax OR o.tax <> l.tax + o.shipping_tax
           OR o.subtotal <> l.subtotal OR o.discount <> l.discount
        """,
    ),
    Law(
        "line_reservations_match",
        "A line's reserved units are its reservations: committed, or short and not yet seen to;"
        " of a bundle, as many of each part as are in one.",
        """
        SELECT coalesce(l.id, r.holder_id) AS line, coalesce(l.sku_id, r.sku_id) AS sku, l.units, r.quantity AS reserved
        FROM (SELECT l.id, coalesce(p.sku_id, l.sku_id) AS sku_id,
                     l.quantity_reserved * coalesce(p.quantity, 1) AS units
              FROM orders_orderline l LEFT JOIN orders_orderlinepart p ON p.order_line_id = l.id
              WHERE l.quantity_reserved > 0) l
        FULL JOIN (SELECT holder_id, sku_id, sum(quantity) AS quantity FROM inventory_reservation
                   WHERE holder_kind = 'order_line' AND status IN ('committed', 'short') GROUP BY 1, 2) r
             ON r.holder_id = l.id AND r.sku_id = l.sku_id
        WHERE coalesce(l.units, 0) <> coalesce(r.quantity, 0)
        """,
    ),
    Law(
        "open_lines_are_accounted_for",
        "Every unit of an open order is reserved, backordered, shipped or cancelled; or its line waits for a SKU.",
        """
        SELECT l.id, o.number, l.quantity_ordered FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
        WHERE o.status IN ('pending', 'confirmed', 'completed') AND NOT l.is_service AND l.sku_id IS NOT NULL
          AND l.quantity_ordered
              <> l.quantity_cancelled + l.quantity_reserved + l.quantity_backordered + l.quantity_shipped
        """,
    ),
    Law(
        "ended_orders_hold_no_stock",
        "A cancelled, rejected or expired order holds no stock.",
        """
        SELECT o.number, r.id AS reservation FROM inventory_reservation r
        JOIN orders_orderline l ON l.id = r.holder_id JOIN orders_order o ON o.id = l.order_id
        WHERE r.holder_kind = 'order_line' AND r.status IN ('held', 'committed', 'short')
          AND o.status IN ('cancelled', 'rejected', 'expired', 'merged')
        """,
    ),
    Law(
        "payments_match_their_events",
        "A payment's sums are its events, and no more is refunded than was captured.",
        """
        SELECT p.id, p.authorised, p.captured, p.voided, p.refunded,
               e.captured AS events_captured, e.refunded AS events_refunded
        FROM orders_payment p LEFT JOIN (
            SELECT payment_id,
                   sum(CASE WHEN kind IN ('authorise', 'moved_in') THEN amount
                            WHEN kind = 'moved_out' THEN -amount END) AS authorised,
                   sum(CASE WHEN kind IN ('capture', 'moved_in') THEN amount
                            WHEN kind = 'moved_out' THEN -amount END) AS captured,
                   sum(amount) FILTER (WHERE kind = 'void') AS voided,
                   sum(amount) FILTER (WHERE kind = 'refund') AS refunded
            FROM orders_paymentevent GROUP BY 1) e ON e.payment_id = p.id
        WHERE p.captured <> coalesce(e.captured, 0) OR p.refunded <> coalesce(e.refunded, 0)
           OR p.authorised <> coalesce(e.authorised, 0) OR p.voided <> coalesce(e.voided, 0)
           OR p.refunded > p.captured OR p.captured + p.voided > p.authorised
        """,
    ),
    Law(
        "references_exist",
        "What orders and ledgers refer to without a foreign key exists.",
        """
        SELECT 'order channel' AS what, o.id FROM orders_order o
        LEFT JOIN erp_channel c ON c.id = o.channel_id WHERE c.id IS NULL
        UNION ALL SELECT 'line sku', l.id FROM orders_orderline l
        LEFT JOIN inventory_sku s ON s.id = l.sku_id WHERE s.id IS NULL AND l.sku_id IS NOT NULL
        UNION ALL SELECT 'event order', e.id FROM orders_orderevent e
        LEFT JOIN orders_order o ON o.id = e.order_id WHERE o.id IS NULL
        UNION ALL SELECT 'decision order', d.id FROM orders_decision d
        LEFT JOIN orders_order o ON o.id = d.order_id WHERE o.id IS NULL
        UNION ALL SELECT 'event actor', e.id FROM orders_orderevent e
        LEFT JOIN erp_actor a ON a.id = e.by_id WHERE a.id IS NULL
        UNION ALL SELECT 'payment event', e.id FROM orders_paymentevent e LEFT JOIN erp_actor a ON a.id = e.by_id
            LEFT JOIN erp_channel c ON c.id = e.channel_id WHERE a.id IS NULL OR c.id IS NULL
        UNION ALL SELECT 'movement', m.id FROM inventory_stockmovement m LEFT JOIN inventory_sku s ON s.id = m.sku_id
            LEFT JOIN inventory_place f ON f.id = m.from_place_id LEFT JOIN inventory_place t ON t.id = m.to_place_id
            LEFT JOIN erp_actor a ON a.id = m.by_id WHERE s.id IS NULL OR f.id IS NULL OR t.id IS NULL OR a.id IS NULL
        UNION ALL SELECT 'reservation', r.id FROM inventory_reservation r LEFT JOIN inventory_sku s ON s.id = r.sku_id
            LEFT JOIN inventory_warehouse w ON w.id = r.warehouse_id WHERE s.id IS NULL OR w.id IS NULL
        """,
    ),
    Law(
        "merged_customers_own_nothing",
        "A customer that was merged into another has neither orders nor anything they are recognised by.",
        """
        SELECT c.id, c.merged_into_id FROM orders_customer c WHERE c.merged_into_id IS NOT NULL
        AND (EXISTS (SELECT 1 FROM orders_order o WHERE o.customer_id = c.id)
             OR EXISTS (SELECT 1 FROM orders_customeridentity i WHERE i.customer_id = c.id))
        """,
    ),
    Law(
        "open_holds_are_counted",
        "An order's count of open holds is its open holds.",
        """
        SELECT o.number, o.open_holds, h.n FROM orders_order o
        LEFT JOIN (SELECT order_id, count(*) AS n FROM orders_hold WHERE released_at IS NULL GROUP BY 1) h
             ON h.order_id = o.id
        WHERE o.open_holds <> coalesce(h.n, 0)
        """,
    ),
    Law(
        "coupons_are_counted",
        "A coupon's uses are the orders that hold one; so are those of a promotion that counts them.",
        """
        SELECT 'coupon' AS what, c.code, c.used, u.n FROM orders_coupon c
        LEFT JOIN (SELECT coupon_id, count(*) AS n FROM orders_promotionuse WHERE released_at IS NULL GROUP BY 1) u
             ON u.coupon_id = c.id
        WHERE c.used <> coalesce(u.n, 0)
        UNION ALL
        SELECT 'promotion', p.code, p.used, u.n FROM orders_promotion p
        LEFT JOIN (SELECT promotion_id, count(*) AS n FROM orders_promotionuse WHERE released_at IS NULL GROUP BY 1) u
             ON u.promotion_id = p.id
        WHERE p.max_uses IS NOT NULL AND p.used <> coalesce(u.n, 0)
        """,
    ),
    Law(
        "adjustments_are_the_discount",
        "What promotions took off a line is its discount, to the minor unit.",
        """
        SELECT l.id, l.discount, a.amount FROM orders_orderline l
        JOIN (SELECT line_id, sum(amount) AS amount FROM orders_adjustment WHERE line_id IS NOT NULL GROUP BY 1) a
             ON a.line_id = l.id
        WHERE l.discount <> a.amount
        """,
    ),
    Law(
        "order_types_are_known",
        "Every order is of a type that there is: one of ours, or a row of the merchant's.",
        f"""
        SELECT o.number, o.type FROM orders_order o WHERE o.type <> 'web'
        AND o.type NOT IN ({", ".join(f"'{code}'" for code in BUILT_IN)})
        AND NOT EXISTS (SELECT 1 FROM orders_ordertype t WHERE t.code = o.type)
        """,
    ),
)
