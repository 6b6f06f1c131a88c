"""Twelve tracking states with the carrier's own words, and tracking numbers compared as people type them."""

import django.db.models.functions.text
from django.db import migrations, models


# Numbers that were two because of a blank, a dash or a letter's case: the newest parcel keeps its number.
OLDER_OF_ONE_NUMBER = """
UPDATE fulfillment_parcel p SET number_reused = true
WHERE EXISTS (SELECT FROM fulfillment_parcel n WHERE n.number_key = p.number_key AND n.id > p.id);
-- Rows that were written anew await their foreign keys' triggers, and a table with such triggers cannot be altered.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0001_initial'),
        ('orders', '0004_named_columns'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='parcel',
            name='parcel_status_known',
        ),
        migrations.AlterField(
            model_name='parcel',
            name='tracking_number',
            field=models.CharField(max_length=70),
        ),
        migrations.AddField(
            model_name='parcel',
            name='number_key',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Upper(models.Func(models.F('tracking_number'), models.Value('[[:space:]\\u2010-\\u2015\\u2212-]+'), models.Value(''), models.Value('g'), function='regexp_replace')), output_field=models.CharField(max_length=70)),
        ),
        migrations.AddField(
            model_name='parcel',
            name='number_reused',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='parcel',
            name='told',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='trackingevent',
            name='code',
            field=models.CharField(db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='trackingevent',
            name='leg',
            field=models.CharField(db_default='', default='', max_length=4),
        ),
        migrations.AlterField(
            model_name='parcel',
            name='status',
            field=models.CharField(choices=[('packed', 'Packed'), ('shipped', 'Shipped'), ('pending', 'Announced to the carrier'), ('picked_up', 'Picked up by the carrier'), ('in_transit', 'In transit'), ('on_hold', 'Held by the carrier'), ('delivery_delayed', 'Delayed'), ('out_for_delivery', 'Out for delivery'), ('ready_for_pickup', 'Ready for pick-up'), ('delivery_failed', 'Delivery failed'), ('return_to_sender', 'Returning to sender'), ('returned', 'Returned to sender'), ('delivered', 'Delivered'), ('unknown', 'Message from the carrier'), ('cancelled', 'Cancelled')], max_length=18),
        ),
        migrations.AlterField(
            model_name='trackingevent',
            name='state',
            field=models.CharField(choices=[('unknown', 'Message from the carrier'), ('pending', 'Announced to the carrier'), ('picked_up', 'Picked up by the carrier'), ('in_transit', 'In transit'), ('on_hold', 'Held by the carrier'), ('delivery_delayed', 'Delayed'), ('out_for_delivery', 'Out for delivery'), ('ready_for_pickup', 'Ready for pick-up'), ('delivery_failed', 'Delivery failed'), ('cancelled', 'Cancelled by the carrier'), ('return_to_sender', 'Returning to sender'), ('delivered', 'Delivered')], max_length=18),
        ),
        migrations.AlterField(
            model_name='trackingevent',
            name='description',
            field=models.CharField(default='', max_length=2000),
        ),
        migrations.AlterField(
            model_name='trackingevent',
            name='place',
            field=models.CharField(default='', max_length=200),
        ),
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['number_key'], name='parcel_number_begins', opclasses=['varchar_pattern_ops']),
        ),
        migrations.RunSQL(OLDER_OF_ONE_NUMBER, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.UniqueConstraint(condition=models.Q(('number_reused', False)), fields=('number_key',), name='tracking_number_of_one_parcel'),
        ),
        migrations.AddConstraint(
            model_name='parcel',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['packed', 'shipped', 'pending', 'picked_up', 'in_transit', 'on_hold', 'delivery_delayed', 'out_for_delivery', 'ready_for_pickup', 'delivery_failed', 'return_to_sender', 'returned', 'delivered', 'unknown', 'cancelled'])), name='parcel_status_known'),
        ),
    ]
