
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0007_logs_without_keys'),
        ('orders', '0013_channel_news'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailConnection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(max_length=200, verbose_name='address')),
                ('port', models.PositiveIntegerField(default=993)),
                ('user', models.CharField(max_length=200)),
                ('password', models.CharField(max_length=200)),
                ('folder', models.CharField(default='INBOX', max_length=200)),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('since', models.DateField()),
                ('validity', models.BigIntegerField(default=0)),
                ('last_uid', models.BigIntegerField(default=0)),
                ('leased_until', models.DateTimeField(null=True)),
                ('not_before', models.DateTimeField(null=True)),
                ('asked_at', models.DateTimeField(null=True)),
                ('failures', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(default='', max_length=300)),
                ('channel', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mailbox', to='erp.channel')),
            ],
        ),
    ]
