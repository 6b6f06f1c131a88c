
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0007_logs_without_keys'),
        ('orders', '0012_order_layouts'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChannelNews',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20, verbose_name='what')),
                ('key', models.CharField(max_length=60)),
                ('said', models.JSONField(default=dict)),
                ('status', models.CharField(choices=[('pending', 'To be told'), ('done', 'Told'), ('parked', 'Could not be told')], default='pending', max_length=10, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('error', models.CharField(default='', max_length=500)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('channel', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, to='erp.channel')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='news', to='orders.order')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'pending')), fields=['due_at', 'id'], name='channel_news_due'), models.Index(condition=models.Q(('status', 'parked')), fields=['-id'], name='channel_news_parked')],
                'constraints': [models.UniqueConstraint(fields=('order', 'kind', 'key'), name='channel_news_once')],
            },
        ),
    ]
