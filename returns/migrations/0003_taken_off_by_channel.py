"""Says of channels' refunds, amount by amount, that they pay for what was taken off their orders.

Until now each was counted as such by its reason, also one for goods that came back. Their units stay as they were
counted.
"""

from django.db import migrations

TAKEN_OFF = """
    WITH paid_above AS (
        SELECT x.id FROM returns_refundline x
        JOIN returns_refund r ON r.id = x.refund_id AND r.reason = 'channel' AND NOT r.is_history
        JOIN orders_order o ON o.id = r.order_id
        WHERE NOT x.is_unshipped AND x.amount > 0
          AND (o.status IN ('cancelled', 'rejected', 'expired')
               OR o.total < (SELECT sum(captured) FROM orders_payment p WHERE p.order_id = o.id))),
    moved AS (
        INSERT INTO returns_refundline (refund_id, order_line_id, quantity, amount, is_unshipped)
        SELECT refund_id, order_line_id, 0, amount, true FROM returns_refundline WHERE id IN (SELECT id FROM paid_above)
        RETURNING id)
    UPDATE returns_refundline SET amount = 0 WHERE id IN (SELECT id FROM paid_above)
"""


class Migration(migrations.Migration):
    dependencies = [("returns", "0002_unshipped"), ("orders", "0004_named_columns")]

    operations = [migrations.RunSQL(TAKEN_OFF, migrations.RunSQL.noop)]
