"""The tables of inventory. Written once for the first release; from here on what a migration makes never changes."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('erp', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Barcode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60, unique=True, verbose_name='code')),
                ('kind', models.CharField(choices=[('gtin', 'GTIN'), ('internal', 'Own'), ('supplier', "Supplier's")], default='gtin', max_length=10, verbose_name='kind')),
                ('units', models.PositiveIntegerField(default=1, verbose_name='units')),
            ],
            options={
                'verbose_name': 'barcode',
                'verbose_name_plural': 'barcodes',
            },
        ),
        migrations.CreateModel(
            name='BundlePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField(verbose_name='units')),
            ],
            options={
                'verbose_name': 'bundle part',
                'verbose_name_plural': 'bundle parts',
            },
        ),
        migrations.CreateModel(
            name='CostEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('receipt', 'Arrival'), ('issue', 'Issue'), ('landed', 'Landed cost'), ('rounding', 'Rounding')], max_length=10)),
                ('quantity', models.IntegerField()),
                ('value', models.DecimalField(decimal_places=4, max_digits=19)),
                ('document', models.CharField(default='', max_length=60)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60, verbose_name='lot')),
                ('made_on', models.DateField(blank=True, null=True, verbose_name='made on')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='expires on')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('bin', 'Bin'), ('quarantine', 'Quarantine'), ('damaged', 'Damaged'), ('returns', 'Returns'), ('in_transit', 'In transit'), ('supplier', 'Supplier'), ('customer', 'Customer'), ('lost', 'Lost')], max_length=12, verbose_name='kind')),
                ('use', models.CharField(choices=[('receiving', 'Receiving'), ('pick', 'Pick face'), ('reserve', 'Reserve')], default='pick', max_length=10, verbose_name='use')),
                ('code', models.CharField(max_length=30, verbose_name='code')),
                ('pick_sequence', models.PositiveIntegerField(default=0, verbose_name='pick sequence')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'place',
                'verbose_name_plural': 'places',
            },
        ),
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder_kind', models.CharField(choices=[('order_line', 'Order Line'), ('cart', 'Cart'), ('allotment', 'Allotment')], max_length=12)),
                ('holder_id', models.BigIntegerField()),
                ('part', models.PositiveSmallIntegerField(default=0)),
                ('quantity', models.PositiveIntegerField()),
                ('status', models.CharField(choices=[('held', 'Held'), ('committed', 'Committed'), ('consumed', 'Consumed'), ('released', 'Released'), ('expired', 'Expired'), ('short', 'Short')], max_length=10)),
                ('expires_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Sku',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=60, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=250, verbose_name='name')),
                ('name_zh', models.CharField(blank=True, default='', max_length=250, verbose_name='Chinese name')),
                ('category', models.CharField(blank=True, default='', max_length=80, verbose_name='category')),
                ('barcode', models.CharField(blank=True, default='', max_length=20, verbose_name='barcode (GTIN)')),
                ('weight_g', models.PositiveIntegerField(default=0, verbose_name='weight (g)')),
                ('length_mm', models.PositiveIntegerField(default=0, verbose_name='length (mm)')),
                ('width_mm', models.PositiveIntegerField(default=0, verbose_name='width (mm)')),
                ('height_mm', models.PositiveIntegerField(default=0, verbose_name='height (mm)')),
                ('is_large', models.BooleanField(db_default=False, default=False, verbose_name='ships alone: one to a parcel')),
                ('tracking', models.CharField(choices=[('none', 'None'), ('lot', 'Lot'), ('serial', 'Serial number')], default='none', max_length=10, verbose_name='tracking')),
                ('sell_by_days', models.PositiveIntegerField(default=0, verbose_name='stop selling (days before expiry)')),
                ('abc_class', models.CharField(blank=True, default='', max_length=1, verbose_name='ABC class')),
                ('tax_class', models.CharField(default='standard', max_length=20, verbose_name='tax class')),
                ('is_service', models.BooleanField(default=False, verbose_name='service')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'verbose_name': 'SKU',
                'verbose_name_plural': 'SKUs',
                'indexes': [models.Index(condition=models.Q(('barcode', ''), _negated=True), fields=['barcode'], name='sku_by_barcode')],
            },
        ),
        migrations.CreateModel(
            name='StockCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='number')),
                ('status', models.CharField(choices=[('counting', 'Counting'), ('submitted', 'To approve'), ('posted', 'Posted'), ('cancelled', 'Cancelled')], max_length=10, verbose_name='state')),
                ('scope', models.CharField(default='', max_length=200)),
                ('is_blind', models.BooleanField(default=True)),
                ('freezes', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(null=True)),
                ('posted_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
            ],
        ),
        migrations.CreateModel(
            name='StockCountLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expected', models.IntegerField(null=True)),
                ('counted', models.PositiveIntegerField(null=True)),
                ('counted_at', models.DateTimeField(null=True)),
                ('count', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='inventory.stockcount')),
                ('counted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.lot')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.place')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('count', 'place', 'sku', 'lot'), name='count_line_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('counted__isnull', True), ('expected__isnull', False), _connector='OR'), name='count_line_knows_what_was_expected')],
            },
        ),
        migrations.CreateModel(
            name='StockDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('receipt', 'Receipt'), ('adjustment', 'Adjustment'), ('write_off', 'Write-off'), ('vendor_return', 'Return to vendor'), ('move', 'Move')], max_length=14)),
                ('status', models.CharField(choices=[('waiting', 'To approve'), ('posted', 'Posted'), ('rejected', 'Rejected')], default='posted', max_length=10)),
                ('external_id', models.CharField(max_length=100, null=True)),
                ('reason', models.CharField(default='', max_length=200)),
                ('country', models.CharField(default='', max_length=60)),
                ('is_history', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='erp.actor')),
                ('channel', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='erp.channel')),
            ],
        ),
        migrations.CreateModel(
            name='StockDocumentLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serials', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ('quantity_change', models.IntegerField()),
                ('unit_value', models.DecimalField(decimal_places=4, default=0, max_digits=19)),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='inventory.stockdocument')),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.lot')),
                ('place', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.place')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
                ('to_place', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.place')),
            ],
        ),
        migrations.CreateModel(
            name='StockFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500, verbose_name='address')),
                ('secret', models.CharField(editable=False, max_length=80)),
                ('pause_s', models.PositiveIntegerField(default=10, verbose_name='pause (seconds)')),
                ('zero_below', models.PositiveIntegerField(default=0, verbose_name='sold out below (units)')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('leased_until', models.DateTimeField(editable=False, null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('channel', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.channel')),
            ],
            options={
                'verbose_name': 'stock feed',
                'verbose_name_plural': 'stock feeds',
            },
        ),
        migrations.CreateModel(
            name='StockMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField()),
                ('unit_cost', models.DecimalField(decimal_places=6, max_digits=19, null=True)),
                ('kind', models.CharField(choices=[('receive', 'Received'), ('adjust', 'Adjusted'), ('ship', 'Shipped'), ('return', 'Returned'), ('move', 'Moved'), ('count', 'Counted'), ('write_off', 'Written off'), ('transfer', 'Transferred'), ('vendor_return', 'Returned to vendor'), ('block', 'Blocked')], max_length=14)),
                ('cause_type', models.CharField(max_length=30)),
                ('cause_id', models.CharField(max_length=60)),
                ('cause_line', models.CharField(default='', max_length=60)),
                ('cause_step', models.CharField(default='', max_length=30)),
                ('reason', models.CharField(default='', max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='erp.actor')),
                ('from_place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.place')),
                ('lot', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.lot')),
                ('sku', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
                ('to_place', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.place')),
            ],
            options={
                'indexes': [models.Index(fields=['sku', '-id'], name='movement_by_sku'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='movement_by_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='movement_moves_something'), models.CheckConstraint(condition=models.Q(('from_place', models.F('to_place')), _negated=True), name='movement_goes_somewhere'), models.UniqueConstraint(fields=('cause_type', 'cause_id', 'cause_line', 'cause_step', 'sku', 'from_place'), name='movement_once_per_cause')],
            },
        ),
        migrations.CreateModel(
            name='StockPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('safety', models.PositiveIntegerField(default=0, verbose_name='safety stock')),
                ('reorder_point', models.PositiveIntegerField(blank=True, null=True, verbose_name='reorder point')),
                ('order_up_to', models.PositiveIntegerField(blank=True, null=True, verbose_name='order up to')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policies', to='inventory.sku')),
            ],
            options={
                'verbose_name': 'stock policy',
                'verbose_name_plural': 'stock policies',
            },
        ),
        migrations.CreateModel(
            name='StockShortfall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField()),
                ('cause', models.CharField(max_length=60)),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('reservation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='shortfall', to='inventory.reservation')),
            ],
        ),
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField()),
                ('unit_price', models.DecimalField(decimal_places=4, default=0, max_digits=19)),
                ('reorder_point', models.IntegerField()),
                ('position', models.IntegerField()),
                ('reasons', models.JSONField(default=list)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Supplier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('email', models.EmailField(blank=True, default='', max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='phone')),
                ('address', models.CharField(blank=True, default='', max_length=250, verbose_name='address')),
                ('country', models.CharField(default='CN', max_length=2, verbose_name='country')),
                ('language', models.CharField(default='zh-hans', max_length=10, verbose_name='language')),
                ('currency', models.CharField(default='CNY', max_length=3, verbose_name='currency')),
                ('lead_time_days', models.PositiveSmallIntegerField(default=14, verbose_name='lead time (days)')),
                ('review_days', models.PositiveSmallIntegerField(default=7, verbose_name='purchase cycle (days)')),
                ('min_order_value', models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name='least order value')),
                ('payment_terms', models.CharField(blank=True, default='', max_length=120, verbose_name='payment terms')),
                ('orders_itself', models.BooleanField(default=False, verbose_name='orders by itself')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'verbose_name': 'supplier',
                'verbose_name_plural': 'suppliers',
            },
        ),
        migrations.CreateModel(
            name='SupplierTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('supplier_sku', models.CharField(blank=True, default='', max_length=80, verbose_name="supplier's code")),
                ('min_quantity', models.PositiveIntegerField(default=1, verbose_name='from (units)')),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=19, verbose_name='unit price')),
                ('pack_size', models.PositiveIntegerField(default=1, verbose_name='pack (units)')),
                ('moq', models.PositiveIntegerField(default=1, verbose_name='least order (units)')),
                ('lead_time_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='lead time (days)')),
                ('preference', models.PositiveSmallIntegerField(default=1, verbose_name='preference')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='valid until')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='inventory.sku')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='inventory.supplier')),
            ],
            options={
                'verbose_name': "supplier's terms",
                'verbose_name_plural': "suppliers' terms",
                'constraints': [models.UniqueConstraint(fields=('supplier', 'sku', 'min_quantity', 'valid_from'), name='supplier_term_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('unit_price__gte', 0), ('pack_size__gt', 0), ('moq__gt', 0)), name='supplier_term_makes_sense')],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='number')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('shipped', 'In transit'), ('part_received', 'Part received'), ('received', 'Received'), ('closed', 'Closed short'), ('cancelled', 'Cancelled')], max_length=14, verbose_name='state')),
                ('note', models.CharField(default='', max_length=200)),
                ('expected_on', models.DateField(null=True)),
                ('created_at', models.DateTimeField()),
                ('shipped_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
            ],
        ),
        migrations.CreateModel(
            name='TransferLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.PositiveIntegerField()),
                ('quantity_shipped', models.PositiveIntegerField(default=0)),
                ('quantity_received', models.PositiveIntegerField(default=0)),
                ('quantity_lost', models.PositiveIntegerField(default=0)),
                ('quantity_incoming', models.PositiveIntegerField(default=0)),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
                ('transfer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='inventory.transfer')),
            ],
        ),
        migrations.CreateModel(
            name='Warehouse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('region', models.CharField(blank=True, default='', max_length=60, verbose_name='region')),
                ('city', models.CharField(blank=True, default='', max_length=80, verbose_name='city')),
                ('line1', models.CharField(blank=True, default='', max_length=200, verbose_name='address')),
                ('postal_code', models.CharField(blank=True, default='', max_length=20, verbose_name='postal code')),
                ('phone', models.CharField(blank=True, default='', max_length=40, verbose_name='phone')),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=40, verbose_name='time zone')),
                ('cut_off', models.TimeField(default='16:00', verbose_name='cut-off')),
                ('priority', models.PositiveSmallIntegerField(default=100, verbose_name='priority')),
                ('approval_over', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='approval over')),
                ('purchase_approval_over', models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='purchase approval over')),
                ('counts_per_night', models.PositiveSmallIntegerField(default=0, verbose_name='SKUs counted a day')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'warehouse',
                'verbose_name_plural': 'warehouses',
            },
        ),
        migrations.CreateModel(
            name='Zone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='code')),
                ('name', models.CharField(blank=True, default='', max_length=80, verbose_name='name')),
                ('pick_sequence', models.PositiveIntegerField(default=0, verbose_name='pick sequence')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='zones', to='inventory.warehouse')),
            ],
            options={
                'verbose_name': 'zone',
                'verbose_name_plural': 'zones',
                'constraints': [models.UniqueConstraint(fields=('warehouse', 'code'), name='zone_code_once')],
            },
        ),
        migrations.CreateModel(
            name='Allotment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fixed', 'Set aside'), ('share', 'Share (%)'), ('cap', 'At most')], max_length=6, verbose_name='kind')),
                ('value', models.PositiveIntegerField(verbose_name='value')),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.channel')),
                ('sku', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
                ('warehouse', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('channel', 'sku', 'warehouse', 'kind'), name='allotment_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'fixed'), _negated=True), models.Q(('sku__isnull', False), ('warehouse__isnull', False)), _connector='OR'), name='fixed_allotment_is_somewhere'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'share'), _negated=True), ('value__lte', 100), _connector='OR'), name='share_within_the_whole')],
            },
        ),
        migrations.CreateModel(
            name='Listing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(blank=True, default='', max_length=100)),
                ('published', models.IntegerField(null=True)),
                ('published_at', models.DateTimeField(null=True)),
                ('error', models.CharField(default='', max_length=250)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('not_before', models.DateTimeField(null=True)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.channel')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
            ],
            options={
                'indexes': [models.Index(fields=['channel', 'not_before'], name='listing_due')],
                'constraints': [models.UniqueConstraint(fields=('channel', 'sku'), name='listing_once')],
            },
        ),
        migrations.CreateModel(
            name='PurchaseOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='number')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('approved', 'Approved'), ('sent', 'Sent'), ('acknowledged', 'Acknowledged'), ('part_received', 'Part received'), ('received', 'Received'), ('closed', 'Closed short'), ('cancelled', 'Cancelled')], max_length=14, verbose_name='state')),
                ('currency', models.CharField(max_length=3)),
                ('exchange_rate', models.DecimalField(decimal_places=8, default=1, max_digits=19)),
                ('total', models.DecimalField(decimal_places=4, default=0, max_digits=19)),
                ('supplier_reference', models.CharField(blank=True, default='', max_length=80)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('order_number', models.CharField(blank=True, default='', max_length=20)),
                ('is_suggested', models.BooleanField(default=False)),
                ('expected_on', models.DateField(null=True)),
                ('warned_on', models.DateField(null=True)),
                ('created_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
                ('supplier', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='inventory.supplier')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.warehouse')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status__in', ['sent', 'acknowledged', 'part_received'])), fields=['expected_on', 'id'], name='purchase_under_way')],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'approved', 'sent', 'acknowledged', 'part_received', 'received', 'closed', 'cancelled'])), name='purchase_status_known'), models.CheckConstraint(condition=models.Q(('exchange_rate__gt', 0)), name='purchase_rate_above_zero')],
            },
        ),
        migrations.CreateModel(
            name='PurchaseLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('supplier_sku', models.CharField(blank=True, default='', max_length=80)),
                ('quantity', models.PositiveIntegerField()),
                ('quantity_received', models.PositiveIntegerField(default=0)),
                ('quantity_rejected', models.PositiveIntegerField(default=0)),
                ('quantity_cancelled', models.PositiveIntegerField(default=0)),
                ('quantity_incoming', models.PositiveIntegerField(default=0)),
                ('unit_price', models.DecimalField(decimal_places=4, max_digits=19)),
                ('expected_on', models.DateField(null=True)),
                ('reasons', models.JSONField(default=list)),
                ('purchase', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='inventory.purchaseorder')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('quantity_incoming__gt', 0)), fields=['sku', 'expected_on'], name='purchase_line_coming')],
                'constraints': [models.UniqueConstraint(fields=('purchase', 'sku'), name='purchase_line_once'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('quantity_cancelled__lte', models.F('quantity')), ('unit_price__gte', 0)), name='purchase_line_makes_sense')],
            },
        ),
        migrations.CreateModel(
            name='SerialUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=80, verbose_name='serial number')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('lot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.lot')),
                ('place', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.place')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='serials', to='inventory.sku')),
            ],
            options={
                'indexes': [models.Index(fields=['sku', 'place'], name='serial_by_place')],
                'constraints': [models.UniqueConstraint(fields=('sku', 'code'), name='serial_once')],
            },
        ),
        migrations.CreateModel(
            name='SerialStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('serial', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='inventory.serialunit')),
                ('movement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='serials', to='inventory.stockmovement')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('movement', 'serial'), name='serial_step_once')],
            },
        ),
        migrations.CreateModel(
            name='SkuCost',
            fields=[
                ('sku', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='inventory.sku')),
                ('quantity', models.BigIntegerField(default=0)),
                ('value', models.DecimalField(decimal_places=4, default=0, max_digits=19)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('quantity', 0), _negated=True), ('value', 0), _connector='OR'), name='nothing_is_worth_nothing')],
            },
        ),
        migrations.CreateModel(
            name='StockLevel',
            fields=[
                ('pk', models.CompositePrimaryKey('sku_id', 'warehouse_id', 'part', blank=True, editable=False, primary_key=True, serialize=False)),
                ('part', models.PositiveSmallIntegerField(default=0)),
                ('on_hand', models.IntegerField(default=0)),
                ('reserved', models.IntegerField(default=0)),
                ('incoming', models.IntegerField(default=0)),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reserved__gte', 0)), name='stock_level_reserved_positive'), models.CheckConstraint(condition=models.Q(('incoming__gte', 0)), name='stock_level_incoming_positive'), models.CheckConstraint(condition=models.Q(('reserved__lte', models.F('on_hand'))), name='stock_level_reserved_within_on_hand')],
            },
        ),
        migrations.CreateModel(
            name='BinLevel',
            fields=[
                ('pk', models.CompositePrimaryKey('sku_id', 'place_id', 'lot_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('lot_id', models.BigIntegerField(default=0)),
                ('on_hand', models.IntegerField(default=0)),
                ('place', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to='inventory.place')),
                ('sku', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='inventory.sku')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('on_hand__gte', 0)), name='bin_level_not_below_zero')],
            },
        ),
        migrations.AddField(
            model_name='reservation',
            name='sku',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='inventory.sku'),
        ),
        migrations.AddField(
            model_name='lot',
            name='sku',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='inventory.sku'),
        ),
        migrations.AddField(
            model_name='costentry',
            name='sku',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='inventory.sku'),
        ),
        migrations.AddField(
            model_name='bundlepart',
            name='bundle',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='inventory.sku'),
        ),
        migrations.AddField(
            model_name='bundlepart',
            name='part',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='part_of', to='inventory.sku'),
        ),
        migrations.AddField(
            model_name='barcode',
            name='sku',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='barcodes', to='inventory.sku'),
        ),
        migrations.AddField(
            model_name='place',
            name='frozen_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stockcount'),
        ),
        migrations.AddField(
            model_name='stockdocument',
            name='purchase',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.purchaseorder'),
        ),
        migrations.AddField(
            model_name='costentry',
            name='movement',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.stockmovement'),
        ),
        migrations.AddField(
            model_name='suggestion',
            name='purchase',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='inventory.purchaseorder'),
        ),
        migrations.AddField(
            model_name='suggestion',
            name='sku',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.sku'),
        ),
        migrations.AddField(
            model_name='suggestion',
            name='supplier',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.supplier'),
        ),
        migrations.AddField(
            model_name='stockdocument',
            name='supplier',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.supplier'),
        ),
        migrations.AddField(
            model_name='transferline',
            name='warehouse',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='from_warehouse',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='to_warehouse',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='suggestion',
            name='warehouse',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='stockpolicy',
            name='warehouse',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='stockdocumentline',
            name='warehouse',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='stockdocument',
            name='warehouse',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='stockcount',
            name='warehouse',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='reservation',
            name='warehouse',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='place',
            name='warehouse',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='inventory.warehouse'),
        ),
        migrations.AddField(
            model_name='place',
            name='zone',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bins', to='inventory.zone'),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('expires_on__isnull', False)), fields=['expires_on'], name='lot_expiring'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.UniqueConstraint(fields=('sku', 'code'), name='lot_once'),
        ),
        migrations.AddConstraint(
            model_name='bundlepart',
            constraint=models.UniqueConstraint(fields=('bundle', 'part'), name='bundle_part_once'),
        ),
        migrations.AddConstraint(
            model_name='bundlepart',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='bundle_part_some'),
        ),
        migrations.AddConstraint(
            model_name='bundlepart',
            constraint=models.CheckConstraint(condition=models.Q(('bundle', models.F('part')), _negated=True), name='bundle_not_of_itself'),
        ),
        migrations.AddConstraint(
            model_name='barcode',
            constraint=models.CheckConstraint(condition=models.Q(('units__gt', 0)), name='barcode_of_something'),
        ),
        migrations.AddIndex(
            model_name='costentry',
            index=models.Index(fields=['sku', 'at'], name='cost_entry_by_sku'),
        ),
        migrations.AddIndex(
            model_name='costentry',
            index=models.Index(condition=models.Q(('movement__isnull', False)), fields=['movement'], name='cost_entry_by_movement'),
        ),
        migrations.AddConstraint(
            model_name='transferline',
            constraint=models.UniqueConstraint(fields=('transfer', 'sku'), name='transfer_line_once'),
        ),
        migrations.AddConstraint(
            model_name='transferline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0), ('quantity_shipped__lte', models.F('quantity')), ('quantity_received__lte', django.db.models.expressions.CombinedExpression(models.F('quantity_shipped'), '-', models.F('quantity_lost')))), name='transfer_line_adds_up'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'shipped', 'part_received', 'received', 'closed', 'cancelled'])), name='transfer_status_known'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('from_warehouse', models.F('to_warehouse')), _negated=True), name='transfer_goes_elsewhere'),
        ),
        migrations.AddConstraint(
            model_name='suggestion',
            constraint=models.UniqueConstraint(condition=models.Q(('purchase__isnull', True)), fields=('sku', 'warehouse'), name='suggestion_once'),
        ),
        migrations.AddConstraint(
            model_name='stockpolicy',
            constraint=models.UniqueConstraint(fields=('sku', 'warehouse'), name='stock_policy_once'),
        ),
        migrations.AddConstraint(
            model_name='stockdocumentline',
            constraint=models.CheckConstraint(condition=models.Q(('quantity_change', 0), _negated=True), name='stock_line_changes'),
        ),
        migrations.AddIndex(
            model_name='stockdocument',
            index=models.Index(condition=models.Q(('status', 'waiting')), fields=['-id'], name='stock_document_waiting'),
        ),
        migrations.AddConstraint(
            model_name='stockdocument',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('channel', 'external_id'), name='stock_document_once_per_channel'),
        ),
        migrations.AddConstraint(
            model_name='stockcount',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['counting', 'submitted', 'posted', 'cancelled'])), name='count_status_known'),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(fields=['holder_kind', 'holder_id'], name='reservation_by_holder'),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(condition=models.Q(('status__in', ['held', 'committed'])), fields=['sku', 'warehouse'], name='reservation_open'),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(condition=models.Q(('holder_kind', 'allotment'), ('status', 'held')), fields=['sku'], name='reservation_allotted'),
        ),
        migrations.AddIndex(
            model_name='reservation',
            index=models.Index(condition=models.Q(('status', 'held')), fields=['expires_at'], name='reservation_expiring'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='reservation_of_something'),
        ),
        migrations.AddConstraint(
            model_name='reservation',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['held', 'committed', 'consumed', 'released', 'expired', 'short'])), name='reservation_status_known'),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.UniqueConstraint(fields=('warehouse', 'code'), name='place_code_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='place',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['supplier', 'customer', 'lost']), ('warehouse__isnull', False), _connector='OR'), name='place_inside_has_warehouse'),
        ),
    ]
