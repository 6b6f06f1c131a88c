
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0007_logs_without_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='company',
            name='masks_contacts',
            field=models.BooleanField(db_default=False, default=False, verbose_name='contacts are masked until somebody asks to see them'),
        ),
        migrations.AddField(
            model_name='channel',
            name='tells_customers',
            field=models.BooleanField(db_default=True, default=True, verbose_name='our messages go to its customers'),
        ),
    ]
