"""Orders that ended unserved and keep money are found without reading all that ended."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("orders", "0007_refund_credits")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(
                    status__in=("cancelled", "rejected", "expired"),
                    payment_status__in=("paid", "part_paid", "part_refunded"),
                    is_history=False,
                ),
                fields=["-placed_at", "-id"],
                name="order_keeping_money",
            ),
        ),
    ]
