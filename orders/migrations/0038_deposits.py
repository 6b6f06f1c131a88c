from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0037_carriers_matched'),
    ]

    operations = [
        migrations.AddField(
            model_name='paymentintent',
            name='at_once',
            field=models.BooleanField(db_default=False),
        ),
    ]
