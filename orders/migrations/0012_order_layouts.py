
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0007_logs_without_keys'),
        ('orders', '0011_logs_without_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='OrderLayout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                ('columns', models.JSONField()),
                ('options', models.JSONField(default=dict)),
                ('headings', models.TextField(default='')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor')),
            ],
            options={
                'verbose_name': 'layout of order files',
                'verbose_name_plural': 'layouts of order files',
            },
        ),
    ]
