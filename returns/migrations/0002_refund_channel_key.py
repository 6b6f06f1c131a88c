
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0007_logs_without_keys'),
        ('orders', '0015_customer_merge'),
        ('returns', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='refund',
            name='channel_key',
            field=models.CharField(default='', max_length=60),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.UniqueConstraint(condition=models.Q(('channel_key', ''), _negated=True), fields=('order', 'channel_key'), name='refund_of_channel_once'),
        ),
    ]
