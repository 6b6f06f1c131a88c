"""Says of channels' refunds, by amount, what of them pays for what was taken off their orders.

Until now each was counted as such by its reason, also one for goods that came back. Their units stay as they were
counted. A line that was split kept the units that had been refunded of the line it came from: nobody refunded those.
"""

from django.db import migrations, models

TAKEN_OFF = """
    WITH above AS (
        SELECT o.id, (CASE WHEN o.status IN ('cancelled', 'rejected', 'expired') THEN 0 ELSE -o.total END)
            + coalesce((SELECT sum(captured) FROM orders_payment p WHERE p.order_id = o.id), 0)
            - coalesce((SELECT sum(x.amount) FROM returns_refundline x JOIN returns_refund r ON r.id = x.refund_id
                        WHERE r.order_id = o.id AND r.status <> 'rejected' AND NOT r.is_history
                          AND (r.reason IN ('cancelled', 'changed') OR x.is_unshipped)), 0) AS amount
        FROM orders_order o WHERE o.id IN (SELECT order_id FROM returns_refund WHERE reason = 'channel')),
    shared AS (
        SELECT x.id, greatest(0, least(x.amount,
            a.amount - (sum(x.amount) OVER (PARTITION BY r.order_id ORDER BY x.id) - x.amount))) AS off
        FROM returns_refundline x JOIN returns_refund r ON r.id = x.refund_id JOIN above a ON a.id = r.order_id
        WHERE r.reason = 'channel' AND NOT r.is_history AND NOT x.is_unshipped),
    made AS (
        INSERT INTO returns_refundline (refund_id, order_line_id, quantity, amount, is_unshipped)
        SELECT x.refund_id, x.order_line_id, 0, s.off, true
        FROM returns_refundline x JOIN shared s ON s.id = x.id WHERE s.off > 0
        RETURNING id)
    UPDATE returns_refundline x SET amount = x.amount - s.off FROM shared s WHERE s.id = x.id AND s.off > 0
"""
NEVER_REFUNDED = """
    UPDATE orders_orderline l SET quantity_refunded = coalesce(x.units, 0)
    FROM orders_orderline k JOIN orders_order o ON o.id = k.order_id AND NOT o.is_history
    LEFT JOIN (SELECT x.order_line_id, sum(x.quantity) AS units FROM returns_refundline x
               JOIN returns_refund r ON r.id = x.refund_id
               WHERE r.status = 'completed' AND NOT x.is_unshipped GROUP BY 1) x ON x.order_line_id = k.id
    WHERE l.id = k.id AND k.quantity_refunded > coalesce(x.units, 0)
"""


class Migration(migrations.Migration):
    dependencies = [("returns", "0002_unshipped"), ("orders", "0004_named_columns")]

    operations = [
        migrations.RunSQL(TAKEN_OFF, migrations.RunSQL.noop),
        migrations.RunSQL(NEVER_REFUNDED, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="refundline",
            name="unshipped_units",
            field=models.PositiveIntegerField(db_default=0),
        ),
    ]
