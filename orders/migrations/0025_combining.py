import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_masked_contacts'),
        ('orders', '0024_choices'),
    ]

    operations = [
        migrations.CreateModel(
            name='OrderMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('merge', 'Merged'), ('split', 'Split off')], max_length=10)),
                ('moved', models.JSONField()),
                ('versions', models.JSONField()),
                ('reason', models.CharField(default='', max_length=200)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='order',
            name='order_status_known',
        ),
        migrations.AddField(
            model_name='order',
            name='is_sealed',
            field=models.BooleanField(db_default=False),
        ),
        migrations.AlterField(
            model_name='order',
            name='status',
            field=models.CharField(choices=[('draft', 'Draft'), ('pending', 'Pending'), ('confirmed', 'Confirmed'), ('completed', 'Completed'), ('rejected', 'Rejected'), ('cancelled', 'Cancelled'), ('expired', 'Expired'), ('merged', 'Merged')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'pending', 'confirmed', 'completed', 'rejected', 'cancelled', 'expired', 'merged'])), name='order_status_known'),
        ),
        migrations.AddField(
            model_name='ordermove',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddField(
            model_name='ordermove',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves_out', to='orders.order'),
        ),
        migrations.AddField(
            model_name='ordermove',
            name='target',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves_in', to='orders.order'),
        ),
        migrations.AddField(
            model_name='ordermove',
            name='undone_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.AddConstraint(
            model_name='ordermove',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'merge'), ('undone_at', None)), fields=('source',), name='order_merged_once'),
        ),
        migrations.AddConstraint(
            model_name='ordermove',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undone_at', None), ('undone_by', None)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False)), _connector='OR'), name='order_move_undone_by_somebody'),
        ),
    ]
