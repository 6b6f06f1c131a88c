from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_masked_contacts'),
        ('orders', '0029_merging_by_itself'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['ship_by', 'id'], name='order_by_promise'),
        ),
    ]
