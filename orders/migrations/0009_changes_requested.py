"""A channel's order keeps which messages asked for a change of it."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("orders", "0008_money_kept")]

    operations = [
        migrations.AddField(
            model_name="channelorder",
            name="changes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), db_default=[], default=list, size=None
            ),
        )
    ]
