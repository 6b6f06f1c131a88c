import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0036_invoices'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='carrier',
            field=models.CharField(db_default='', max_length=40),
        ),
        migrations.AddField(
            model_name='order',
            name='carrier_by_hand',
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name='rulerevision',
            name='carrier',
            field=models.CharField(blank=True, default='', max_length=40, verbose_name='goes with'),
        ),
        migrations.CreateModel(
            name='CarrierOption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('carrier', models.SlugField(max_length=40, verbose_name='carrier')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('country', models.CharField(blank=True, default='', max_length=2, verbose_name='country')),
                ('region', models.CharField(blank=True, default='', max_length=60, verbose_name='region')),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), blank=True, default=list, size=None, verbose_name='for shipping services')),
                ('warehouses', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), blank=True, default=list, size=None, verbose_name='from warehouses')),
                ('min_g', models.PositiveIntegerField(default=0, verbose_name='from (g)')),
                ('max_g', models.PositiveIntegerField(default=0, verbose_name='up to (g), 0: no limit')),
                ('takes_cod', models.BooleanField(default=True, verbose_name='takes cash on delivery')),
                ('takes_large', models.BooleanField(default=False, verbose_name='takes large items')),
                ('first_g', models.PositiveIntegerField(default=1000, verbose_name='first weight (g)')),
                ('first_fee', models.DecimalField(decimal_places=4, default=0, max_digits=19, verbose_name='fee for the first weight')),
                ('step_g', models.PositiveIntegerField(default=1000, verbose_name='further step (g)')),
                ('step_fee', models.DecimalField(decimal_places=4, default=0, max_digits=19, verbose_name='fee for each step')),
                ('priority', models.PositiveSmallIntegerField(default=100, verbose_name='priority')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
            ],
            options={
                'verbose_name': 'carrier tariff',
                'verbose_name_plural': 'carrier tariffs',
                'constraints': [models.UniqueConstraint(fields=('carrier', 'country', 'region', 'services', 'warehouses', 'min_g'), name='carrier_option_once'), models.CheckConstraint(condition=models.Q(('max_g', 0), ('max_g__gt', models.F('min_g')), _connector='OR'), name='carrier_option_some_weight'), models.CheckConstraint(condition=models.Q(('first_fee__gte', 0), ('step_fee__gte', 0)), name='carrier_fees_not_negative')],
            },
        ),
    ]
