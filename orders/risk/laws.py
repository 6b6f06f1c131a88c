"""Defines the invariant of fraud scores."""

from erp.audit.laws import Law

LAWS = (
    Law(
        "risk_answers_are_judged",
        "Every score of fraud that came in was judged, and says why it led to what it did.",
        """
        SELECT c.order_id, c.source, c.reference FROM orders_riskcheck c WHERE c.status = 'done'
        AND NOT EXISTS (SELECT 1 FROM orders_decision d WHERE d.order_id = c.order_id AND d.kind = 'risk'
                        AND d.inputs ->> 'reference' = c.reference AND d.inputs ->> 'source' = c.source)
        """,
    ),
)
