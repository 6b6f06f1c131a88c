"""A channel's order keeps a fingerprint of the message that it was read from."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("orders", "0010_refunds_that_grow")]

    operations = [
        migrations.AddField(
            model_name="channelorder",
            name="message_digest",
            field=models.CharField(db_default="", default="", max_length=16),
        )
    ]
