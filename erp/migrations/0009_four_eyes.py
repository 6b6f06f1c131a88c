"""Limits above which a second person approves, and who answers for an API key: the history knows of keys there are."""

import django.db.models.deletion
from django.db import migrations, models


MAKERS = """
    UPDATE erp_apikey k SET made_by_id = h.by FROM erp_historyentry h JOIN erp_actor a ON a.id = h.by
    WHERE h."table" = 'erp_apikey' AND h.change = 'insert' AND h."row" = k.id::text AND a.kind = 'person'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0008_watch'),
    ]

    operations = [
        migrations.AddField(
            model_name='apikey',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='erp.actor'),
        ),
        migrations.RunSQL(MAKERS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='ApprovalLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('refund', 'Refunds'), ('write_off', 'Write-offs and other stock decreases'), ('adjustment', 'Stock increases without a purchase order'), ('purchase', 'Purchase orders'), ('terms', "Customers' terms"), ('goodwill', 'Goods given away free of charge')], max_length=12, unique=True, verbose_name='kind')),
                ('amount', models.DecimalField(decimal_places=4, max_digits=19, verbose_name='limit')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='approval_limit_not_negative'), models.CheckConstraint(condition=models.Q(('kind__in', ['refund', 'write_off', 'adjustment', 'purchase', 'terms', 'goodwill'])), name='approval_limit_kind_known')],
            },
        ),
    ]
