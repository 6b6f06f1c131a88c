"""The tables of fulfillment. Written once for the first release; from here on what a migration makes never changes."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('inventory', '0001_initial'),
        ('orders', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FulfillmentOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('planned', 'Planned'), ('released', 'To pick'), ('picking', 'Being picked'), ('picked', 'To pack'), ('packed', 'To ship'), ('shipped', 'Shipped'), ('cancelled', 'Cancelled')], max_length=10)),
                ('version', models.PositiveIntegerField(default=1)),
                ('ship_by', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('picked_at', models.DateTimeField(null=True)),
                ('packed_at', models.DateTimeField(null=True)),
                ('shipped_at', models.DateTimeField(null=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fulfillment_orders', to='orders.order')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status__in', ['shipped', 'cancelled']), _negated=True), fields=['status', 'ship_by', 'id'], name='fulfillment_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['planned', 'released', 'picking', 'picked', 'packed', 'shipped', 'cancelled'])), name='fulfillment_order_status_known')],
            },
        ),
        migrations.CreateModel(
            name='FulfillmentLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField()),
                ('quantity_picked', models.PositiveIntegerField(default=0)),
                ('quantity_packed', models.PositiveIntegerField(default=0)),
                ('quantity_shipped', models.PositiveIntegerField(default=0)),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='orders.orderline')),
                ('sku', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
                ('fulfillment_order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='fulfillment.fulfillmentorder')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('fulfillment_order', 'order_line'), name='fulfillment_line_once'), models.CheckConstraint(condition=models.Q(('quantity_shipped__lte', models.F('quantity_packed')), ('quantity_packed__lte', models.F('quantity_picked')), ('quantity_picked__lte', models.F('quantity'))), name='fulfillment_line_picked_packed_shipped')],
            },
        ),
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('packed', 'Packed'), ('shipped', 'Shipped'), ('in_transit', 'In transit'), ('out_for_delivery', 'Out for delivery'), ('ready_for_pickup', 'Ready for pick-up'), ('delivery_failed', 'Delivery failed'), ('return_to_sender', 'Returning to sender'), ('delivered', 'Delivered'), ('cancelled', 'Cancelled')], max_length=18)),
                ('carrier', models.CharField(max_length=40)),
                ('service', models.CharField(max_length=50)),
                ('tracking_number', models.CharField(max_length=60, unique=True)),
                ('packaging', models.CharField(default='', max_length=40)),
                ('weight_expected_g', models.PositiveIntegerField(default=0)),
                ('weight_g', models.PositiveIntegerField(null=True)),
                ('labels_printed', models.PositiveSmallIntegerField(default=0)),
                ('packed_at', models.DateTimeField()),
                ('shipped_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('fulfillment_order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parcels', to='fulfillment.fulfillmentorder')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parcels', to='orders.order')),
            ],
            options={
                'indexes': [models.Index(fields=['-shipped_at', '-id'], name='parcel_newest'), models.Index(condition=models.Q(('status__in', ['shipped', 'in_transit', 'out_for_delivery'])), fields=['shipped_at'], name='parcel_under_way'), models.Index(condition=models.Q(('status', 'delivered'), _negated=True), fields=['status', '-shipped_at', '-id'], name='parcel_not_delivered')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['packed', 'shipped', 'in_transit', 'out_for_delivery', 'ready_for_pickup', 'delivery_failed', 'return_to_sender', 'delivered', 'cancelled'])), name='parcel_status_known'), models.CheckConstraint(condition=models.Q(('status__in', ['packed', 'cancelled']), ('shipped_at__isnull', False), _connector='OR'), name='parcel_left_before_it_moved')],
            },
        ),
        migrations.CreateModel(
            name='ParcelLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField()),
                ('fulfillment_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='fulfillment.fulfillmentline')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orders.orderline')),
                ('parcel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='fulfillment.parcel')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('parcel', 'order_line'), name='parcel_line_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='parcel_line_of_something')],
            },
        ),
        migrations.CreateModel(
            name='TrackingEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=120)),
                ('state', models.CharField(max_length=18)),
                ('place', models.CharField(default='', max_length=120)),
                ('description', models.CharField(default='', max_length=250)),
                ('at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('parcel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='tracking', to='fulfillment.parcel')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('parcel', 'external_id'), name='tracking_event_once')],
            },
        ),
    ]
