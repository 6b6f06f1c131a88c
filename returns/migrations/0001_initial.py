"""The tables of returns. Written once for the first release; from here on what a migration makes never changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('erp', '0001_initial'),
        ('inventory', '0001_initial'),
        ('orders', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('status', models.CharField(choices=[('proposed', 'Proposed'), ('approved', 'Approved'), ('submitted', 'Submitted'), ('completed', 'Completed'), ('failed', 'Failed'), ('rejected', 'Rejected')], max_length=10)),
                ('reason', models.CharField(max_length=30)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19)),
                ('currency', models.CharField(max_length=3)),
                ('note', models.TextField(default='')),
                ('channel_key', models.CharField(default='', max_length=60)),
                ('is_history', models.BooleanField(default=False)),
                ('proposed_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('completed_at', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField()),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.channel')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='orders.order')),
            ],
        ),
        migrations.CreateModel(
            name='RefundLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField(default=0)),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19)),
                ('order_line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='orders.orderline')),
                ('refund', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='returns.refund')),
            ],
        ),
        migrations.CreateModel(
            name='ReturnAuthorization',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('external_id', models.CharField(max_length=100, null=True)),
                ('status', models.CharField(choices=[('requested', 'Requested'), ('approved', 'Approved'), ('declined', 'Declined'), ('part_received', 'Partly received'), ('received', 'To inspect'), ('inspected', 'Inspected'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], max_length=14)),
                ('currency', models.CharField(max_length=3)),
                ('country', models.CharField(default='', max_length=60)),
                ('note', models.TextField(default='')),
                ('is_history', models.BooleanField(default=False)),
                ('requested_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('received_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('updated_at', models.DateTimeField()),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.channel')),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='orders.customer')),
                ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='orders.order')),
            ],
            options={
                'indexes': [models.Index(fields=['-requested_at', '-id'], name='return_newest'), models.Index(fields=['status', '-requested_at', '-id'], name='return_by_status')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('channel', 'external_id'), name='return_once_per_channel'), models.CheckConstraint(condition=models.Q(('status__in', ['requested', 'approved', 'declined', 'part_received', 'received', 'inspected', 'closed', 'cancelled'])), name='return_status_known')],
            },
        ),
        migrations.AddField(
            model_name='refund',
            name='authorization',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='returns.returnauthorization'),
        ),
        migrations.CreateModel(
            name='ReturnLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku_code', models.CharField(max_length=60)),
                ('quantity', models.PositiveIntegerField()),
                ('quantity_received', models.PositiveIntegerField(default=0)),
                ('quantity_inspected', models.PositiveIntegerField(default=0)),
                ('quantity_restocked', models.PositiveIntegerField(default=0)),
                ('reason', models.CharField(max_length=30)),
                ('condition', models.CharField(default='', max_length=30)),
                ('disposition', models.CharField(choices=[('restock', 'Restock'), ('quarantine', 'Quarantine'), ('scrap', 'Scrap'), ('keep', 'Customer keeps it')], default='', max_length=12)),
                ('unit_amount', models.DecimalField(decimal_places=4, max_digits=19)),
                ('flag', models.CharField(default='', max_length=30)),
                ('continues', models.BooleanField(default=False)),
                ('authorization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='returns.returnauthorization')),
                ('order_line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='orders.orderline')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='return_line_of_something'), models.CheckConstraint(condition=models.Q(('quantity_restocked__lte', models.F('quantity_inspected')), ('quantity_inspected__lte', models.F('quantity_received')), ('quantity_received__lte', models.F('quantity'))), name='return_line_received_inspected_restocked')],
            },
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(fields=['-proposed_at', '-id'], name='refund_newest'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='refund_of_something'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(('channel_key', ''), _negated=True), fields=('order', 'channel_key'), name='refund_of_channel_once'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['proposed', 'approved', 'submitted', 'completed', 'failed', 'rejected'])), name='refund_status_known'),
        ),
    ]
