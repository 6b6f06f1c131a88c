
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
    ]
