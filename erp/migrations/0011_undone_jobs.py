from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0010_notices'),
    ]

    operations = [
        migrations.AddField(
            model_name='jobitem',
            name='before',
            field=models.JSONField(null=True),
        ),
    ]
