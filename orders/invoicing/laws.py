"""Defines the invariants of invoices."""

from erp.audit.laws import Law

LAWS = (
    Law(
        "invoices_add_up",
        "An invoice is the sum of its lines, and no order is credited more than it was invoiced.",
        """
        SELECT i.number, i.total, sum(l.total) AS lines FROM orders_invoice i
        LEFT JOIN orders_invoiceline l ON l.invoice_id = i.id GROUP BY i.id
        HAVING i.net <> coalesce(sum(l.net), 0) OR i.tax <> coalesce(sum(l.tax), 0)
        UNION ALL
        SELECT o.number, sum(CASE WHEN i.kind = 'invoice' THEN i.total ELSE 0 END),
               sum(CASE WHEN i.kind = 'invoice' THEN 0 ELSE i.total END)
        FROM orders_invoice i JOIN orders_order o ON o.id = i.order_id GROUP BY o.id
        HAVING sum(CASE WHEN i.kind = 'invoice' THEN i.net ELSE -i.net END) < 0
            OR sum(CASE WHEN i.kind = 'invoice' THEN i.tax ELSE -i.tax END) < 0
        """,
    ),
    Law(
        "invoice_numbers_have_no_gaps",
        "Invoices, and credit notes, of a year are numbered from one without a gap.",
        """
        SELECT i.kind, split_part(i.number, '-', 1) AS year, count(*) AS issued, max(split_part(i.number, '-', 2)::int) AS last
        FROM orders_invoice i GROUP BY 1, 2 HAVING count(*) <> max(split_part(i.number, '-', 2)::int)
        """,
    ),
)
