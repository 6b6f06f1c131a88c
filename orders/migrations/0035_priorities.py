from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0010_notices'),
        ('orders', '0034_own_fields'),
    ]

    operations = [
        migrations.AddField(
            model_name='channelpolicy',
            name='priority',
            field=models.SmallIntegerField(db_default=0, default=0, verbose_name='priority when goods are short'),
        ),
        migrations.AddField(
            model_name='customergroup',
            name='priority',
            field=models.SmallIntegerField(db_default=0, default=0, verbose_name='priority when goods are short'),
        ),
        migrations.AddField(
            model_name='order',
            name='priority',
            field=models.SmallIntegerField(db_default=0),
        ),
    ]
