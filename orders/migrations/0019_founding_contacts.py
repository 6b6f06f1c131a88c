"""What customers were made of: the addresses that a link proves.

Of the rows that were there an address counts as such where the customer's first order states it, unless customers were
merged into this one: whose first order that is, nobody knows then. Links that proved another address, and the orders
that were proven by them, prove nothing any more: a stranger who named a customer's phone beside an address of their own
was that customer by the mail to it.
"""

from django.db import migrations, models

FOUNDING = """
UPDATE orders_customeridentity i SET is_founding = true
FROM orders_customer c
CROSS JOIN LATERAL (SELECT o.id FROM orders_order o WHERE o.customer_id = c.id ORDER BY o.id LIMIT 1) first
JOIN orders_orderaddress a ON a.order_id = first.id AND a.kind = 'shipping'
WHERE c.id = i.customer_id
  AND NOT EXISTS (SELECT 1 FROM orders_customermerge m WHERE m.kept_id = c.id OR m.gone_id = c.id)
  AND (i.kind = 'email' AND lower(a.email) = i.value
       OR i.kind = 'phone' AND right(regexp_replace(a.phone, '\\D', '', 'g'), 8) = right(i.value, 8));
"""
TAKEN_BACK = """
UPDATE orders_identityproof p SET undone_at = now() FROM orders_customeridentity i
WHERE i.id = p.identity_id AND p.undone_at IS NULL AND p.how = 'link' AND NOT i.is_founding;
UPDATE orders_customeridentity SET proven_at = NULL, proven_by = '' WHERE proven_by = 'link' AND NOT is_founding;
UPDATE orders_order o SET customer_proof = '' WHERE o.customer_proof = 'link' AND NOT EXISTS (
    SELECT 1 FROM orders_orderaddress a
    JOIN orders_customeridentity i ON i.kind = 'email' AND i.value = lower(a.email)
    WHERE a.order_id = o.id AND a.kind = 'shipping' AND i.customer_id = o.customer_id AND i.proven_at IS NOT NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0018_sealed_secrets")]

    operations = [
        migrations.AddField(
            "customeridentity",
            "is_founding",
            models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(FOUNDING, migrations.RunSQL.noop, elidable=False),
        migrations.RunSQL(TAKEN_BACK, migrations.RunSQL.noop, elidable=False),
    ]
