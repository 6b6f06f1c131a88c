import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0005_by_itself'),
        ('orders', '0025_combining'),
    ]

    operations = [
        migrations.AddField(
            model_name='channelpolicy',
            name='least_units',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='units of a further parcel at least'),
        ),
        migrations.AddField(
            model_name='channelpolicy',
            name='most_parcels',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='parcels at most'),
        ),
        migrations.AddField(
            model_name='channelpolicy',
            name='route_by',
            field=models.CharField(choices=[('near', 'The nearest'), ('cheap', 'The cheapest'), ('priority', 'The preferred')], db_default='near', default='near', max_length=10, verbose_name='routed by'),
        ),
        migrations.CreateModel(
            name='Capacity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('orders_a_day', models.PositiveIntegerField(verbose_name='orders a day')),
                ('warehouse', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.warehouse')),
            ],
            options={
                'verbose_name': 'capacity',
                'verbose_name_plural': 'capacities',
            },
        ),
        migrations.CreateModel(
            name='Lane',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('region', models.CharField(blank=True, default='', max_length=60, verbose_name='region')),
                ('distance_km', models.PositiveIntegerField(blank=True, null=True, verbose_name='distance (km)')),
                ('cost', models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name='cost of a parcel')),
                ('is_open', models.BooleanField(default=True, verbose_name='ships there')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.warehouse')),
            ],
            options={
                'verbose_name': 'lane',
                'verbose_name_plural': 'lanes',
                'constraints': [models.UniqueConstraint(fields=('warehouse', 'country', 'region'), name='lane_once'), models.CheckConstraint(condition=models.Q(('cost', None), ('cost__gte', 0), _connector='OR'), name='lane_cost_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='RoutedOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='orders.order')),
                ('warehouse', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='inventory.warehouse')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('warehouse', 'on', 'order'), name='routed_order_once')],
            },
        ),
        migrations.CreateModel(
            name='SkuHome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.sku')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.warehouse')),
            ],
            options={
                'verbose_name': 'fixed warehouse',
                'verbose_name_plural': 'fixed warehouses',
                'constraints': [models.UniqueConstraint(fields=('sku', 'warehouse'), name='sku_home_once')],
            },
        ),
    ]
