from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0028_invoices'),
    ]

    operations = [
        migrations.AddField(
            model_name='channelpolicy',
            name='merge_minutes',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='merged by itself within (minutes)'),
        ),
    ]
