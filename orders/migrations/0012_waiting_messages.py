"""What a message waits for is found by an index: every statement of every source asks who waits for its order."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [("orders", "0011_message_digest")]

    operations = [
        migrations.AddIndex(
            model_name="incomingmessage",
            index=GinIndex(
                F("params__waiting"),
                fastupdate=False,
                condition=Q(cause="order_unknown"),
                name="message_waits_for",
            ),
        )
    ]
