"""Defines the invariants of merged and split orders."""

from erp.audit.laws import Law

LAWS = (
    Law(
        "moved_money_arrives",
        "What one order's tenders gave to another's when it was split, the other has.",
        """
        SELECT channel_id, reference, sum(amount) FILTER (WHERE kind = 'moved_out') AS gone,
               sum(amount) FILTER (WHERE kind = 'moved_in') AS arrived
        FROM orders_paymentevent WHERE kind IN ('moved_out', 'moved_in') GROUP BY 1, 2
        HAVING sum(amount) FILTER (WHERE kind = 'moved_out')
               IS DISTINCT FROM sum(amount) FILTER (WHERE kind = 'moved_in')
        """,
    ),
    Law(
        "merged_orders_are_empty",
        "An order that is part of another one has no lines that count, no money and no stock.",
        """
        SELECT o.number, o.total FROM orders_order o WHERE o.status = 'merged' AND (o.total <> 0 OR o.open_holds <> 0
            OR EXISTS (SELECT 1 FROM orders_orderline l
                       WHERE l.order_id = o.id AND l.quantity_ordered > l.quantity_cancelled)
            OR EXISTS (SELECT 1 FROM orders_payment p WHERE p.order_id = o.id AND p.captured > p.refunded))
        """,
    ),
)
