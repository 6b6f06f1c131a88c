import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0009_text_messages'),
    ]

    operations = [
        migrations.AddField(
            model_name='company',
            name='approval_hours',
            field=models.PositiveSmallIntegerField(db_default=24, default=24, verbose_name='hours that an approval may take'),
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('key', models.CharField(max_length=120)),
                ('role', models.CharField(default='', max_length=30)),
                ('params', models.JSONField(default=dict)),
                ('url', models.CharField(default='', max_length=200)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'indexes': [models.Index(fields=['-at', '-id'], name='notice_newest')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'key', 'role'), name='notice_once')],
            },
        ),
        migrations.CreateModel(
            name='NoticeMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_id', models.BigIntegerField(default=0)),
                ('actor', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, to='erp.actor')),
            ],
        ),
        migrations.CreateModel(
            name='NoticeSubscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=30, verbose_name='role')),
                ('kind', models.CharField(max_length=30, verbose_name='kind')),
                ('is_told', models.BooleanField(default=True, verbose_name='on the home page')),
                ('by_mail', models.BooleanField(default=False, verbose_name='by mail too')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('role', 'kind'), name='subscription_once')],
            },
        ),
    ]
