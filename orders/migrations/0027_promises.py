import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0005_by_itself'),
        ('orders', '0026_routing'),
    ]

    operations = [
        migrations.AddField(
            model_name='shippingservice',
            name='learns_days',
            field=models.BooleanField(db_default=True, default=True, verbose_name='days follow what was delivered'),
        ),
        migrations.CreateModel(
            name='WarehouseDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='day')),
                ('is_working', models.BooleanField(default=False, verbose_name='works')),
                ('note', models.CharField(blank=True, default='', max_length=100, verbose_name='note')),
                ('warehouse', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='inventory.warehouse')),
            ],
            options={
                'verbose_name': "warehouse's own day",
                'verbose_name_plural': "warehouses' own days",
                'constraints': [models.UniqueConstraint(fields=('warehouse', 'on'), name='warehouse_day_once')],
            },
        ),
    ]
