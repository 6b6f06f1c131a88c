"""Counts how often the links of an order were withdrawn."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0020_partner_acknowledgements'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='links_withdrawn',
            field=models.PositiveSmallIntegerField(db_default=0),
        ),
    ]
