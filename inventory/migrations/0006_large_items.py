from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0005_by_itself'),
    ]

    operations = [
        migrations.AddField(
            model_name='sku',
            name='is_large',
            field=models.BooleanField(db_default=False, default=False, verbose_name='ships alone: one to a parcel'),
        ),
    ]
