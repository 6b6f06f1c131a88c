"""Defines the invariant of placed orders: each has its decisions."""

from erp.audit.laws import Law

LAWS = (
    Law(
        "confirmed_orders_have_decisions",
        "Every order that was priced here says why: its decisions are on record.",
        """
        SELECT o.number FROM orders_order o WHERE NOT o.is_history
        AND (SELECT count(DISTINCT kind) FROM orders_decision d WHERE d.order_id = o.id) < 4
        """,
    ),
)
