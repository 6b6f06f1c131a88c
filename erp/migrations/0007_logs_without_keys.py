
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0006_channel_messages'),
    ]

    operations = [
        migrations.AlterField(
            model_name='eventdelivery',
            name='event',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, to='erp.event'),
        ),
    ]
