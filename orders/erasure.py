"""Declares who a customer is, and what an erasure of one locks, does at once, waits for and keeps by law."""

from django.utils.translation import gettext_lazy as _

from erp.privacy.declarations import Duty, Obstacle

# A person is a customer with everybody merged into them; by their orders and contacts the rest is found.
SETS = (
    (
        "customers",
        "WITH RECURSIVE family AS (SELECT id, merged_into_id FROM orders_customer WHERE id = ANY(%(asked)s)"
        " UNION SELECT c.id, c.merged_into_id FROM orders_customer c"
        " JOIN family f ON c.merged_into_id = f.id OR c.id = f.merged_into_id) SELECT id FROM family",
    ),
    ("orders", "SELECT id FROM orders_order WHERE customer_id = ANY(%(customers)s)"),
    ("numbers", "SELECT number FROM orders_order WHERE id = ANY(%(orders)s)"),
    (
        "emails",
        "SELECT lower(value) FROM orders_customeridentity WHERE kind = 'email' AND customer_id = ANY(%(customers)s)"
        " UNION SELECT lower(email) FROM orders_orderaddress WHERE email <> '' AND order_id = ANY(%(orders)s)"
        " UNION SELECT lower(email) FROM orders_invoicerequest WHERE email <> '' AND order_id = ANY(%(orders)s)",
    ),
    (
        "phones",
        "SELECT value FROM orders_customeridentity WHERE kind = 'phone' AND customer_id = ANY(%(customers)s)"
        " UNION SELECT phone FROM orders_orderaddress WHERE phone <> '' AND order_id = ANY(%(orders)s)"
        " UNION SELECT registered_phone FROM orders_invoicerequest"
        " WHERE registered_phone <> '' AND order_id = ANY(%(orders)s)",
    ),
    (
        "names",
        "SELECT name FROM orders_customer WHERE id = ANY(%(customers)s)"
        " UNION SELECT name FROM orders_orderaddress WHERE order_id = ANY(%(orders)s)",
    ),
    (
        "words",
        "SELECT unnest(ARRAY[line1, line2, postal_code, postal_code_typed]) FROM orders_orderaddress"
        " WHERE order_id = ANY(%(orders)s)"
        " UNION SELECT unnest(ARRAY[title, tax_id, registered_address, bank_account]) FROM orders_invoicerequest"
        " WHERE order_id = ANY(%(orders)s)"
        " UNION SELECT unnest(ARRAY[note, remark, print_remark]) FROM orders_order WHERE id = ANY(%(orders)s)"
        " UNION SELECT note FROM orders_customer WHERE id = ANY(%(customers)s)"
        " UNION SELECT m.value FROM orders_order o, jsonb_each_text(o.metadata) m WHERE o.id = ANY(%(orders)s)",
    ),
    ("refs", "SELECT 'customer:' || unnest(%(customers)s::bigint[])"),
    ("refs", "SELECT 'order:' || unnest(%(orders)s::bigint[])"),
    (
        "refs",
        "SELECT 'message:' || id FROM orders_incomingmessage WHERE order_id = ANY(%(orders)s)"
        " UNION SELECT 'draft:' || id FROM orders_orderdraft WHERE order_id = ANY(%(orders)s)",
    ),
)

# Rows that are locked while it is decided whether a person may be erased, in the order of docs/adr/0013-lock-order.md.
LOCKS = (
    "SELECT id FROM orders_order WHERE id = ANY(%(orders)s) ORDER BY id FOR UPDATE",
    "SELECT id FROM orders_customer WHERE id = ANY(%(customers)s) ORDER BY id FOR UPDATE",
)

# What happens at once: from now on nobody is recognised as this person.
AT_ONCE = (
    "DELETE FROM orders_customeridentity WHERE customer_id = ANY(%(customers)s)",
    "UPDATE orders_customer SET erased_at = coalesce(erased_at, %(now)s), words = NULL WHERE id = ANY(%(customers)s)",
)

OBSTACLES = (
    Obstacle(
        _("Open order"),
        "SELECT number FROM orders_order WHERE id = ANY(%(orders)s)"
        " AND status IN ('draft', 'pending', 'confirmed') ORDER BY id",
    ),
    Obstacle(
        _("Not paid"),
        "SELECT number FROM orders_order WHERE id = ANY(%(orders)s) AND status = 'completed' AND NOT is_history"
        " AND total > 0 AND payment_status IN ('unpaid', 'authorised', 'part_paid') ORDER BY id",
    ),
    Obstacle(
        _("Money to be given back"),
        "SELECT o.number FROM orders_order o WHERE o.id = ANY(%(orders)s) AND NOT o.is_history"
        " AND o.status IN ('rejected', 'cancelled', 'expired') AND EXISTS (SELECT FROM orders_payment p"
        " WHERE p.order_id = o.id AND p.captured > p.refunded) ORDER BY o.id",
    ),
    Obstacle(
        _("Invoice that was asked for"),
        "SELECT o.number FROM orders_invoicerequest r JOIN orders_order o ON o.id = r.order_id"
        " WHERE r.order_id = ANY(%(orders)s) AND r.status = 'requested' ORDER BY o.id",
    ),
)

DUTIES = (
    Duty(
        _("Invoices, with the address that they were made out to"),
        rule="invoice_parties",
        find="SELECT number, issued_at FROM orders_invoice WHERE order_id = ANY(%(orders)s) ORDER BY id",
        keep="""
        INSERT INTO orders_invoiceparty (order_id, billing, request, issued_at)
        SELECT i.order_id,
            coalesce((SELECT to_jsonb(a) - ARRAY['id', 'order_id', 'phone', 'email', 'postal_code_typed']
                      FROM orders_orderaddress a WHERE a.order_id = i.order_id ORDER BY a.kind LIMIT 1), '{}'),
            coalesce((SELECT jsonb_build_object('title', r.title, 'tax_id', r.tax_id)
                      FROM orders_invoicerequest r WHERE r.order_id = i.order_id), '{}'),
            max(i.issued_at)
        FROM orders_invoice i WHERE i.order_id = ANY(%(orders)s)
          AND EXISTS (SELECT FROM orders_orderaddress a WHERE a.order_id = i.order_id)
        GROUP BY i.order_id ON CONFLICT (order_id) DO NOTHING
        """,
    ),
)
