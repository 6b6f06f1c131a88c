import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_masked_contacts'),
        ('inventory', '0005_by_itself'),
        ('orders', '0021_changes'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomerGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
            ],
            options={
                'verbose_name': 'customer group',
                'verbose_name_plural': 'customer groups',
            },
        ),
        migrations.AddField(
            model_name='channelpolicy',
            name='min_margin',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='least margin (%)'),
        ),
        migrations.AddField(
            model_name='customer',
            name='credit_limit',
            field=models.DecimalField(blank=True, decimal_places=4, max_digits=19, null=True, verbose_name='credit limit'),
        ),
        migrations.AddField(
            model_name='customer',
            name='payment_days',
            field=models.PositiveSmallIntegerField(db_default=30, default=30, verbose_name='days to pay'),
        ),
        migrations.AddField(
            model_name='customer',
            name='group',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='orders.customergroup'),
        ),
        migrations.CreateModel(
            name='GroupPriceList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='erp.channel')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='price_lists', to='orders.customergroup')),
                ('price_list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='orders.pricelist')),
            ],
            options={
                'verbose_name': 'price list of a group',
                'verbose_name_plural': 'price lists of groups',
                'constraints': [models.UniqueConstraint(fields=('group', 'channel', 'price_list'), name='group_price_list_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='PriceFloor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19, verbose_name='amount')),
                ('sku', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='inventory.sku')),
            ],
            options={
                'verbose_name': 'price floor',
                'verbose_name_plural': 'price floors',
                'constraints': [models.UniqueConstraint(fields=('sku', 'currency'), name='price_floor_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='price_floor_positive')],
            },
        ),
        migrations.CreateModel(
            name='TaxExemption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('tax_id', models.CharField(max_length=40, verbose_name='tax id')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='valid until')),
                ('agreed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='exemptions', to='orders.customer')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('customer', 'country'), name='tax_exemption_once_per_country'), models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_until', None), ('valid_from__lt', models.F('valid_until')), _connector='OR'), name='tax_exemption_starts_before_it_ends')],
            },
        ),
    ]
